"""Human genome assemblies: what the lengths and checksums of a file's contigs say about which one it was made with.

Lengths are those of the assembly reports of the Genome Reference Consortium (GRCh37.p13, GRCh38.p14) and of
the Telomere-to-Telomere Consortium (CHM13v2.0); M5 as SAMv1, 1.3.2 defines it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

GRCH37 = "GRCh37"
GRCH38 = "GRCh38"
T2T = "T2T-CHM13v2.0"

#: Chromosomes without ``chr``, in the order of the lengths below; M is the mitochondrial genome.
CHROMOSOMES = (*map(str, range(1, 23)), "X", "Y", "M")

# fmt: off
_LENGTHS = {
    GRCH37: (
        249250621, 243199373, 198022430, 191154276, 180915260, 171115067, 159138663, 146364022, 141213431,
        135534747, 135006516, 133851895, 115169878, 107349540, 102531392, 90354753, 81195210, 78077248,
        59128983, 63025520, 48129895, 51304566, 155270560, 59373566, 16569,
    ),
    GRCH38: (
        248956422, 242193529, 198295559, 190214555, 181538259, 170805979, 159345973, 145138636, 138394717,
        133797422, 135086622, 133275309, 114364328, 107043718, 101991189, 90338345, 83257441, 80373285,
        58617616, 64444167, 46709983, 50818468, 156040895, 57227415, 16569,
    ),
    T2T: (
        248387328, 242696752, 201105948, 193574945, 182045439, 172126628, 160567428, 146259331, 150617247,
        134758134, 135127769, 133324548, 113566686, 101161492, 99753195, 96330374, 84276897, 80542538,
        61707364, 66210255, 45090682, 51324926, 154259566, 62460029, 16569,
    ),
}
# fmt: on
_GRCH37_M5 = """
    1b22b98cdeb4a9304cb5d48026a85128 a0d9851da00400dec1098a9255ac712e 641e4338fa8d52a5b781bd2a2c08d3c3
    23dccd106897542ad87d2765d28a19a1 0740173db9ffd264d728f32784845cd7 1d3a93a248d92a729ee764823acbbc6b
    618366e953d6aaad97dbe4777c29375e 96f514a9929e410c6651697bded59aec 3e273117f15e0a400f01055d9f393768
    988c28e000e84c26d552359af1ea2e1d 98c59049a2df285c76ffb1c6db8f8b96 51851ac0e1a115847ad36449b0015864
    283f8d7892baa81b510a015719ca7b0b 98f3cae32b2a2e9524bc19813927542e e5645a794a8238215b2cd77acb95a078
    fc9b1a7b42b97a864f56b348b06095e6 351f64d4f4f9ddd45b35336ad97aa6de b15d4b2d29dde9d3e4f93d1d0f2cbc9c
    1aacd71f30db8e561810913e0b72636d 0dec9660ec1efaaf33281c0d5ea2560f 2979a6085bfe28e3ad6f552f361ed74d
    a718acaa6135fdca8357d5bfe94211dd 7e0e2e580297b7764e31dbc80c2540dd 1e86411d73e6f00a10590f976be01623
    c68f52674c9fb33aef52dcf399755519
"""
_GRCH38_M5 = """
    6aef897c3d6ff0c78aff06ac189178dd f98db672eb0993dcfdabafe2a882905c 76635a41ea913a405ded820447d067b0
    3210fecf1eb92d5489da4346b3fddc6e a811b3dc9fe66af729dc0dddf7fa4f13 5691468a67c7e7a7b5f2a3a683792c29
    cc044cc2256a1141212660fb07b6171e c67955b5f7815a9a1edfaa15893d3616 6c198acf68b5af7b9d676dfdd531b5de
    c0eeee7acfdaf31b770a509bdaa6e51a 1511375dc2dd1b633af8cf439ae90cec 96e414eace405d8c27a6d35ba19df56f
    a5437debe2ef9c9ef8f3ea2874ae1d82 e0f0eecc3bcab6178c62b6211565c807 f036bd11158407596ca6bf3581454706
    db2d37c8b7d019caaf2dd64ba3a6f33a f9a0fb01553adb183568e3eb9d8626db 11eeaa801f6b0e2e36a1138616b8ee9a
    85f9f4fc152c58cb7913c06d6b98573a b18e6c531b0bd70e949a7fc20859cb01 974dc7aec0b755b19f031418fdedf293
    ac37ec46683600f808cdd41eac1d55cd 2b3a55ff7f58eb308420c8a9b11cac50 ce3e31103314a704255f3cd90369ecce
    c68f52674c9fb33aef52dcf399755519
"""
#: What differs between the forms of one assembly: b37's chromosome 3 has other ambiguity codes, its Y masked
#: pseudoautosomal regions; the first release of hg19 had another mitochondrial genome.
_OTHER_M5 = {
    "fdfd811849cc2fadebc929bb925902e5": (GRCH37, "3"),
    "1fa3474750af0948bdf97d5a0ee52e51": (GRCH37, "Y"),
    "d2ed829b8a1628d16cbeee88e88e39eb": (GRCH37, "M"),
    "e469247288ceb332aee524caec92bb22": (T2T, "1"),
    "dd7264df17e7e4a4dac5b0f1f19dcfe0": (T2T, "Y"),
}
_MITOCHONDRION_OF_HG19 = 16571

#: Base pairs of each chromosome by assembly.
LENGTHS: Mapping[str, Mapping[str, int]] = {
    name: dict(zip(CHROMOSOMES, lengths, strict=True)) for name, lengths in _LENGTHS.items()
}
#: Assembly and chromosome of an M5; what GRCh37 and GRCh38 share (the mitochondrial genome) is not in it.
_BY_M5 = {
    **{
        m5: (name, chromosome)
        for name, table in ((GRCH37, _GRCH37_M5), (GRCH38, _GRCH38_M5))
        for m5, chromosome in zip(table.split(), CHROMOSOMES[:-1], strict=False)
    },
    **_OTHER_M5,
}
_NAMES = (
    (re.compile(r"chm13|t2t|\bhs1\b"), T2T),
    (re.compile(r"grch38|hg38|hs38|\bb38\b"), GRCH38),
    (re.compile(r"grch37|hg19|hs37|\bb37\b|human_g1k_v37"), GRCH37),
)
_CHROMOSOME = re.compile(r"(?:chr)?([1-9]|1[0-9]|2[0-2]|X|Y|MT?)")


def assembly_named(text: str) -> str | None:
    """The assembly that a text names (``hg38``, ``GRCh38.p14``, a path of a FASTA file ...), if it is a known one."""
    lower = text.lower()
    return next((name for names, name in _NAMES if names.search(lower)), None)


def chromosome_of(contig: str) -> str | None:
    """The chromosome (``1`` to ``22``, ``X``, ``Y``, ``M``) that a contig's name stands for, with or without ``chr``."""
    match = _CHROMOSOME.fullmatch(contig)
    return match.group(1)[:2].replace("MT", "M") if match else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssemblyEvidence:
    """What a file's contigs say about its assembly.

    Attributes:
        name: :data:`GRCH37`, :data:`GRCH38`, :data:`T2T`; None when nothing speaks for one, or as much for another.
        agreeing: how many chromosomes have the length or M5 of that assembly.
        disagreeing: contigs of chromosomes that have not, in the order of the file.
        others: how many chromosomes agree with each other assembly; more than none is a mixture.
        has_prefix: whether the chromosomes are written with ``chr``; None when there is none.
    """

    name: str | None
    agreeing: int
    disagreeing: tuple[str, ...]
    others: Mapping[str, int]
    has_prefix: bool | None


def assembly_of(lengths: Mapping[str, int], m5: Mapping[str, str] | None = None) -> AssemblyEvidence:
    """The assembly that a file's contigs are of.

    Only chromosomes count; the mitochondrial genome is the same in all and says nothing, except that of hg19.

    Args:
        lengths: base pairs by contig name, in the order of the file, names as there (with or without ``chr``).
        m5: MD5 of the sequences by contig name (lower-case hexadecimal), where the file has them.
    """
    said = {contig: _said(contig, length, (m5 or {}).get(contig)) for contig, length in lengths.items()}
    counts = Counter(name for names in said.values() if names for name in names)
    first, second = [*counts.most_common(2), ("", 0), ("", 0)][:2]
    name = first[0] if first[1] > second[1] else None
    chromosomes = [contig for contig, names in said.items() if names is not None]
    return AssemblyEvidence(
        name=name,
        agreeing=counts[name] if name else 0,
        disagreeing=tuple(contig for contig in chromosomes if name and name not in (said[contig] or ())),
        others={other: count for other, count in sorted(counts.items()) if other != name},
        has_prefix=any(contig.startswith("chr") for contig in chromosomes) if chromosomes else None,
    )


def _said(contig: str, length: int, m5: str | None) -> frozenset[str] | None:
    """The assemblies that one contig agrees with; None when it can tell nothing."""
    chromosome = chromosome_of(contig)
    if chromosome is None:
        return None
    if m5 in _BY_M5:
        name, of = _BY_M5[m5]
        return frozenset({name} if of == chromosome else ())
    if chromosome == "M":
        return frozenset({GRCH37}) if length == _MITOCHONDRION_OF_HG19 else None
    return frozenset(name for name, table in LENGTHS.items() if table[chromosome] == length)
