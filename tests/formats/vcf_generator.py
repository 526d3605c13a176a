"""A seeded generator of valid VCFs, rich in types, and of files with a few changed characters."""

from __future__ import annotations

import random

from tests.formats.vcf_examples import COLUMNS, DESCRIBED, form, info

LENGTHS = {"chr1": 248_956_422, "chrX": 156_040_895, "chrY": 57_227_415, "ctg:2": 5_000}
#: What mutants have in place of a character, or before it.
WORDS = (
    "0",
    "1",
    ".",
    ",",
    ":",
    "/",
    "|",
    "-",
    "+",
    "e",
    "A",
    "=",
    ";",
    "x",
    " ",
    "%",
    "9999999999",
    '"',
    "\t",
    "\n",
    "é",
    "<",
)


def header(minor: int, samples: int, *, is_declared: bool = True) -> str:
    """A header of a version that declares everything, or only what changes how values are read."""
    lines = [f"##fileformat=VCFv4.{minor}\n"]
    lines += [f"##contig=<ID={name},length={length}>\n" for name, length in LENGTHS.items()]
    if is_declared:
        lines += [f"##FILTER=<ID={name},{DESCRIBED}>\n" for name in ("q10", "s50")]
        lines += [f"##ALT=<ID={name},{DESCRIBED}>\n" for name in ("NON_REF", "*", "DEL")]
        lines += [info("DP"), info("AF", "A", "Float"), info("DB", "0", "Flag"), info("TXT", ".", "String")]
        lines += [
            info("MQ", "1", "Float"),
            info("CH", "1", "Character"),
            info("END"),
            info("AC", "A"),
            info("PAIR", "2"),
        ]
        lines += [form("GT", of="String"), form("DP"), form("GQ"), form("PL", "G"), form("FT", of="String")]
        lines += [form("GP", "G", "Float"), form("NOTE", of="String")]
    lines += [info("longer_than_sixteen_bytes", "1", "Float"), form("AD", "R" if minor >= 2 else ".")]
    names = "".join(f"\tS{number}" for number in range(samples))
    return "".join(lines) + COLUMNS + ("\tFORMAT" + names if samples else "") + "\n"


class Generator:
    """Writes records of one file."""

    def __init__(self, seed: int, minor: int, samples: int) -> None:
        self._chance = random.Random(seed)
        self._minor = minor
        self._samples = samples

    def _pick(self, *choices: str) -> str:
        return self._chance.choice(choices)

    def _share(self) -> str:
        return self._pick("0", "1", "0.5", f"{self._chance.random():.4f}", "1e-05", "1.000", ".25", "9.5e-3")

    def _float(self) -> str:
        value = self._chance.uniform(-1000, 1000)
        return self._pick(f"{value:.3f}", f"{value:.0f}", f"{value:.2e}", "NaN", "inf", ".", "+1.5")

    def _bases(self, size: int) -> str:
        return "".join(self._chance.choices("ACGT", k=size))

    def _alleles(self) -> tuple[str, list[str]]:
        ref = self._bases(1 if self._chance.random() < 0.8 else 3)
        others: list[str] = []
        for _ in range(self._chance.choices((0, 1, 2, 3), (1, 12, 3, 1))[0]):
            other = self._bases(self._chance.choice((1, 1, 1, 2, 5)))
            if self._chance.random() < 0.05 and self._minor >= 2:
                other = "*"
            if other.upper() not in [ref, *others]:
                others.append(other)
        return ref, others

    def _information(self, pos: int, count: int) -> str:
        chance = self._chance
        fields = [
            f"DP={chance.randrange(3_000)}",
            "DB",
            f"MQ={self._float()}",
            f"TXT={self._pick('a', 'a,b', 'x:y', 'a_long_text_with_|_and_(more)', '.')}",
            f"CH={self._pick('a', '.', '7')}",
            f"PAIR={chance.randrange(-99, 99)},{chance.randrange(99)}",
            f"longer_than_sixteen_bytes={self._float()}",
        ]
        if count:
            fields.append("AF=" + ",".join(self._share() for _ in range(count)))
            fields.append("AC=" + self._pick(".", ",".join(str(chance.randrange(9)) for _ in range(count))))
        chosen = [field for field in fields if chance.random() < 0.8]
        if chance.random() < 0.1:
            chance.shuffle(chosen)
        return ";".join(chosen) or "."

    def _sample(self, keys: list[str], count: int, ploidy: int) -> str:
        chance = self._chance
        if chance.random() < 0.05:
            return self._pick(".", "./.", ".|.", "./." + ":." * (len(keys) - 1)) if keys[0] == "GT" else "."
        alleles = [str(chance.randrange(count + 1)) for _ in range(ploidy)]
        genotypes = (count + 1) * (count + 2) // 2 if ploidy == 2 else count + 1
        values = {
            "GT": self._pick("/", "|").join(alleles),
            "AD": ",".join(str(chance.randrange(90)) for _ in range(count + 1)),
            "DP": self._pick(str(chance.randrange(200)), "."),
            "GQ": str(chance.randrange(120)),
            "PL": ",".join(self._pick("0", str(chance.randrange(3_000))) for _ in range(genotypes)),
            "GP": ",".join(self._share() for _ in range(genotypes)),
            "FT": self._pick("PASS", ".", "q10"),
            "NOTE": self._pick("x", "a;b", "text=1", "."),
        }
        fields = [values[key] for key in keys]
        return ":".join(fields[: chance.randint(1, len(fields))] if chance.random() < 0.05 else fields)

    def record(self, chrom: str, pos: int) -> str:
        """One record."""
        chance = self._chance
        ref, others = self._alleles()
        columns = [
            chrom,
            str(pos),
            self._pick(".", f"rs{chance.randrange(10**9)}", f"{chrom}:{pos}:x", f"id{pos}_{chance.randrange(10**6)}"),
            ref,
            ",".join(others) or ".",
            self._pick(".", str(chance.randrange(99)), f"{chance.uniform(0, 999):.2f}", "1e3"),
            self._pick("PASS", "PASS", "PASS", ".", "q10", "q10;s50"),
            self._information(pos, len(others)),
        ]
        if self._samples:
            keys = chance.choice(
                (["GT", "AD", "DP", "GQ", "PL"], ["GT", "AD", "DP", "GQ", "PL"], ["GT"], ["GT", "GP", "DP"], ["AD", "DP"],
                 ["GT", "FT", "NOTE", "GQ"])
            )  # fmt: skip
            if self._minor < 2 and "AD" in keys:
                keys = ["GT", "DP"]
            ploidy = 1 if chrom == "chrY" or (chrom == "chrX" and chance.random() < 0.5) else 2
            columns.append(":".join(keys))
            columns += [self._sample(keys, len(others), ploidy) for _ in range(self._samples)]
        return "\t".join(columns) + "\n"

    def block(self, chrom: str, pos: int, end: int) -> str:
        """One reference block."""
        depth = self._chance.randrange(99)
        samples = f"\tGT:DP:GQ:PL\t0/0:{depth}:99:0,9,90" * (self._samples > 0)
        rest = "\t0/0:1:2:0,1,2" * (self._samples - 1)
        return f"{chrom}\t{pos}\t.\tA\t<NON_REF>\t.\t.\tEND={end}{samples}{rest}\n"

    def records(self, number: int, *, is_gvcf: bool = False) -> str:
        """So many records on each contig."""
        lines = []
        for chrom in LENGTHS:
            pos = 0
            for _ in range(number):
                pos += self._chance.choice((0, 1, 3, 40)) + (pos == 0)
                if is_gvcf:
                    lines.append(self.block(chrom, pos, pos + 2))
                    pos += 3
                else:
                    lines.append(self.record(chrom, pos))
        return "".join(lines)


def generate(
    seed: int, minor: int, samples: int, number: int, *, is_gvcf: bool = False, is_declared: bool = True
) -> bytes:
    """A valid file, as long as it is declared what it uses; without that it is valid under ``spec``."""
    text = header(minor, samples, is_declared=is_declared)
    if minor < 4:
        text = text.replace("ctg:2", "ctg2")
    body = Generator(seed, minor, samples).records(number, is_gvcf=is_gvcf)
    return (text + (body.replace("ctg:2", "ctg2") if minor < 4 else body)).encode()


def mutant(content: bytes, seed: int, changes: int = 4) -> bytes:
    """The same with a few words put into its records, or in place of a character."""
    chance = random.Random(seed)
    text = content.decode()
    start = text.index("#CHROM")
    for _ in range(chance.randint(1, changes)):
        place = chance.randrange(start, len(text))
        text = text[:place] + chance.choice(WORDS) + text[place + chance.randint(0, 1) :]
    return text.encode()
