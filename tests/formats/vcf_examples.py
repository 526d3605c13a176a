"""Valid VCFs: the examples of the specifications 4.1 to 4.5, as they stand there, and rare forms that they allow."""

from __future__ import annotations

import re

DESCRIBED = 'Description="x"'
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"


def tabbed(text: str) -> str:
    """Records written with blanks between the columns, as the specification prints them."""
    return "".join(re.sub(r" +", "\t", line.strip()) + "\n" for line in text.strip().splitlines())


def vcf(minor: int, meta: str, samples: str, records: str) -> bytes:
    """A file of a version: meta-information lines, names of samples, records with blanks between the columns."""
    names = "".join(f"\t{name}" for name in ["FORMAT", *samples.split()]) if samples else ""
    lines = "".join(f"{line.strip()}\n" for line in meta.strip().splitlines())
    return f"##fileformat=VCFv4.{minor}\n{lines}{COLUMNS}{names}\n{tabbed(records)}".encode()


def key(kind: str, name: str, number: str, of: str) -> str:
    """A line that declares a key."""
    return f"##{kind}=<ID={name},Number={number},Type={of},{DESCRIBED}>\n"


def info(name: str, number: str = "1", of: str = "Integer") -> str:
    return key("INFO", name, number, of)


def form(name: str, number: str = "1", of: str = "Integer") -> str:
    return key("FORMAT", name, number, of)


_FIRST_META = """
    ##fileDate=20090805
    ##source=myImputationProgramV3.1
    ##reference=file:///seq/references/1000GenomesPilot-NCBI36.fasta
    ##contig=<ID=20,length=62435964,assembly=B36,md5=f126cdf8a6e0c7f379d618ff66beb2da,species="Homo sapiens",taxonomy=x>
    ##phasing=partial
    ##INFO=<ID=NS,Number=1,Type=Integer,Description="Number of Samples With Data">
    ##INFO=<ID=DP,Number=1,Type=Integer,Description="Total Depth">
    ##INFO=<ID=AF,Number=A,Type=Float,Description="Allele Frequency">
    ##INFO=<ID=AA,Number=1,Type=String,Description="Ancestral Allele">
    ##INFO=<ID=DB,Number=0,Type=Flag,Description="dbSNP membership, build 129">
    ##INFO=<ID=H2,Number=0,Type=Flag,Description="HapMap2 membership">
    ##FILTER=<ID=q10,Description="Quality below 10">
    ##FILTER=<ID=s50,Description="Less than 50% of samples have data">
    ##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
    ##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype Quality">
    ##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Read Depth">
    ##FORMAT=<ID=HQ,Number=2,Type=Integer,Description="Haplotype Quality">
"""
_FIRST = """
20     14370   rs6054257 G      A       29   PASS   NS=3;DP=14;AF=0.5;DB;H2           GT:GQ:DP:HQ 0|0:48:1:51,51 1|0:48:8:51,51 1/1:43:5:.,.
20     17330   .         T      A       3    q10    NS=3;DP=11;AF=0.017               GT:GQ:DP:HQ 0|0:49:3:58,50 0|1:3:5:65,3   0/0:41:3
20     1110696 rs6040355 A      G,T     67   PASS   NS=2;DP=10;AF=0.333,0.667;AA=T;DB GT:GQ:DP:HQ 1|2:21:6:23,27 2|1:2:0:18,2   2/2:35:4
20     1230237 .         T      .       47   PASS   NS=3;DP=13;AA=T                   GT:GQ:DP:HQ 0|0:54:7:56,60 0|0:48:4:51,51 0/0:61:2
20     1234567 microsat1 GTC    G,GTCT  50   PASS   NS=3;DP=9;AA=G                    GT:GQ:DP    0/1:35:4       0/2:17:2       1/1:40:3
"""
_STRUCTURAL_META = """
    ##fileDate=20100501
    ##reference=1000GenomesPilot-NCBI36
    ##assembly=ftp://ftp-trace.ncbi.nih.gov/1000genomes/ftp/release/sv/breakpoint_assemblies.fasta
    ##INFO=<ID=BKPTID,Number=.,Type=String,Description="ID of the assembled alternate allele in the assembly file">
    ##INFO=<ID=CIEND,Number=2,Type=Integer,Description="Confidence interval around END for imprecise variants">
    ##INFO=<ID=CIPOS,Number=2,Type=Integer,Description="Confidence interval around POS for imprecise variants">
    ##INFO=<ID=END,Number=1,Type=Integer,Description="End position of the variant described in this record">
    ##INFO=<ID=HOMLEN,Number=.,Type=Integer,Description="Length of micro-homology at event breakpoints">
    ##INFO=<ID=HOMSEQ,Number=.,Type=String,Description="Sequence of micro-homology at event breakpoints">
    ##INFO=<ID=SVLEN,Number=.,Type=Integer,Description="Difference in length between REF and ALT alleles">
    ##INFO=<ID=SVTYPE,Number=1,Type=String,Description="Type of structural variant">
    ##ALT=<ID=DEL,Description="Deletion">
    ##ALT=<ID=DEL:ME:ALU,Description="Deletion of ALU element">
    ##ALT=<ID=DEL:ME:L1,Description="Deletion of L1 element">
    ##ALT=<ID=DUP,Description="Duplication">
    ##ALT=<ID=DUP:TANDEM,Description="Tandem Duplication">
    ##ALT=<ID=INS,Description="Insertion of novel sequence">
    ##ALT=<ID=INS:ME:ALU,Description="Insertion of ALU element">
    ##ALT=<ID=INS:ME:L1,Description="Insertion of L1 element">
    ##ALT=<ID=INV,Description="Inversion">
    ##ALT=<ID=CNV,Description="Copy number variable region">
    ##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
    ##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">
    ##FORMAT=<ID=CN,Number=1,Type=Integer,Description="Copy number genotype for imprecise events">
    ##FORMAT=<ID=CNQ,Number=1,Type=Float,Description="Copy number genotype quality for imprecise events">
"""
_STRUCTURAL = """
1      2827694 rs2376870 CGTGGATGCGGGGAC  C            .    PASS   SVTYPE=DEL;END=2827708;HOMLEN=1;HOMSEQ=G;SVLEN=-14                 GT:GQ        1/1:14
2       321682 .         T                <DEL>        6    PASS   SVTYPE=DEL;END=321887;SVLEN=-205;CIPOS=-56,20;CIEND=-10,62         GT:GQ        0/1:12
2     14477084 .         C                <DEL:ME:ALU> 12   PASS   SVTYPE=DEL;END=14477381;SVLEN=-297;CIPOS=-22,18;CIEND=-12,32       GT:GQ        0/1:12
3      9425916 .         C                <INS:ME:L1>  23   PASS   SVTYPE=INS;END=9425916;SVLEN=6027;CIPOS=-16,22                     GT:GQ        1/1:15
3     12665100 .         A                <DUP>        14   PASS   SVTYPE=DUP;END=12686200;SVLEN=21100;CIPOS=-500,500;CIEND=-500,500  GT:GQ:CN:CNQ ./.:0:3:16.2
4     18665128 .         T                <DUP:TANDEM> 11   PASS   SVTYPE=DUP;END=18665204;SVLEN=76;CIPOS=-10,10;CIEND=-10,10         GT:GQ:CN:CNQ ./.:0:5:8.3
"""
_BREAKENDS = """
2     321681 bnd_W G G]17:198982]  6 PASS SVTYPE=BND
2     321682 bnd_V T ]13:123456]T  6 PASS SVTYPE=BND;MATEID=bnd_U
2     321683 bnd_Q T ]13:123456]AGTNNNNNCAT 6 PASS SVTYPE=BND;MATEID=bnd_U
13    123456 bnd_U C C[2:321682[,C[17:198983[ 6 PASS SVTYPE=BND;MATEID=bnd_V,bnd_Z
13    123456 bnd_P C CAGTNNNNNCA[2:321682[ 6 PASS SVTYPE=BND;MATEID=bnd_V
13    123456 INS0  C C<ctg1> 6 PASS SVTYPE=INS
13    123456 bnd_R C C[<ctg1>:7[ 6 PASS SVTYPE=BND
13    123457 bnd_X A [17:198983[A  6 PASS SVTYPE=BND;PARID=bnd_U;CIPOS=0,6
13    123457 bnd_S A ]<ctg1>:214]A 6 PASS SVTYPE=BND
13    123458 bnd_T A .A 6 PASS SVTYPE=BND
13    123459 bnd_A A .TGCA 6 PASS SVTYPE=BND;CIPOS=-50,50
13    123460 bnd_B T TCC. 6 PASS SVTYPE=BND
17    0      bnd_C N .[13:123457[ 6 PASS SVTYPE=BND
17    198982 bnd_Y A A]2:321681]  6 PASS SVTYPE=BND;EVENT=RR0
17    198983 bnd_Z C [13:123457[C 6 PASS SVTYPE=BND;EVENT=RR0
<ctg1> 1     bnd_D A ]<ctg1>:329]A 6 PASS SVTYPE=BND
<ctg1> 329   bnd_E T T[<ctg1>:1[   6 PASS SVTYPE=BND
"""
_BLOCKS = """
1 4370 . G <*>    .      . END=4383 GT:DP:GQ:MIN_DP:PL 0/0:25:60:23:0,60,900
1 4384 . C <*>    .      . END=4388 GT:DP:GQ:MIN_DP:PL 0/0:25:45:25:0,42,630
1 4389 . T TC,<*> 213.73 . .        GT:DP:GQ:PL        0/1:23:99:51,0,36,93,92,86
1 4390 . C <*>    .      . END=4390 GT:DP:GQ:MIN_DP:PL 0/0:26:0:26:0,0,315
1 4391 . C <*>    .      . END=4395 GT:DP:GQ:MIN_DP:PL 0/0:27:63:27:0,63,945
1 4396 . G C,<*>  0      . .        GT:DP:GQ:PL        0/0:24:52:0,52,95,66,95,97
1 4397 . T <*>    .      . END=4416 GT:DP:GQ:MIN_DP:PL 0/0:22:14:22:0,15,593
"""
_BLOCK_META = (
    '##ALT=<ID=*,Description="Any other allele">\n##contig=<ID=1>\n'
    + info("END") + form("GT", of="String") + form("DP") + form("GQ") + form("MIN_DP") + form("PL", "G")
)  # fmt: skip
_NEW_STRUCTURAL_META = """
    ##ALT=<ID=INV,Description="Inversion">
    ##ALT=<ID=INS,Description="Insertion">
    ##ALT=<ID=DUP,Description="Duplication">
    ##ALT=<ID=DUP:TANDEM,Description="Tandem Duplication">
    ##ALT=<ID=DEL,Description="Deletion">
    ##ALT=<ID=CNV,Description="Copy number variable region">
    ##INFO=<ID=MATEID,Number=A,Type=String,Description="ID of mate breakend">
    ##INFO=<ID=CIPOS,Number=.,Type=Integer,Description="Confidence interval around POS for symbolic structural variants">
    ##INFO=<ID=SVLEN,Number=A,Type=Integer,Description="Length of structural variant">
    ##INFO=<ID=CILEN,Number=.,Type=Integer,Description="Confidence interval for the SVLEN field">
    ##INFO=<ID=EVENT,Number=A,Type=String,Description="ID of associated event">
    ##INFO=<ID=EVENTTYPE,Number=A,Type=String,Description="Type of associated event">
    ##INFO=<ID=CN,Number=A,Type=Float,Description="Copy number of CNV/breakpoint">
    ##INFO=<ID=SVCLAIM,Number=A,Type=String,Description="Claim made by the structural variant call">
    ##INFO=<ID=IMPRECISE,Number=0,Type=Flag,Description="Imprecise structural variation">
    ##contig=<ID=chrA,length=1000000>
    ##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
"""
_NEW_STRUCTURAL = """
chrA   2   .    TGC T         .    .      EVENT=DEL_seq                                        GT    0/1
chrA   2   .    T   <DEL>     .    .      SVLEN=2;SVCLAIM=DJ;EVENT=DEL_symbolic                GT    0/1
chrA   2 delbp1 T   T[chrA:5[ .    .      MATEID=delbp2;EVENT=DEL_split_bp_cn                  GT    0/1
chrA   2 delbp2 A   ]chrA:2]A .    .      MATEID=delbp1;EVENT=DEL_split_bp_cn                  GT    0/1
chrA   2   .    T   <DEL>     .    .      SVLEN=2;SVCLAIM=D;EVENT=DEL_split_bp_cn              GT    0/1
chrA   5   .    G   GAAA      .    .      EVENT=homology_seq                                   GT    1/1
chrA   5   .    G   <DUP>     .    .      SVLEN=3;CIPOS=0,5;EVENT=homology_dup                 GT    0/1
chrA   14  .    T   <INS>     .    .      IMPRECISE;SVLEN=100;CILEN=-50,50;CIPOS=-10,10        GT    0/1
chrA   14  .    G   .CCCCCCG  .    .      EVENT=single_breakend                                GT    0/1
"""
_REPEAT_META = """
    ##INFO=<ID=SVLEN,Number=A,Type=Integer,Description="Length of structural variant">
    ##INFO=<ID=CN,Number=A,Type=Float,Description="Copy number of allele">
    ##INFO=<ID=RN,Number=A,Type=Integer,Description="Total number of repeat sequences in this allele">
    ##INFO=<ID=RUS,Number=.,Type=String,Description="Repeat unit sequence of the corresponding repeat sequence">
    ##INFO=<ID=RUL,Number=.,Type=Integer,Description="Repeat unit length of the corresponding repeat sequence">
    ##INFO=<ID=RUC,Number=.,Type=Float,Description="Repeat unit count of corresponding repeat sequence">
    ##INFO=<ID=RB,Number=.,Type=Integer,Description="Total number of bases in the corresponding repeat sequence">
    ##INFO=<ID=CIRUC,Number=.,Type=Float,Description="Confidence interval around RUC">
    ##INFO=<ID=CIRB,Number=.,Type=Integer,Description="Confidence interval around RB">
    ##INFO=<ID=RUB,Number=.,Type=Integer,Description="Number of bases in each individual repeat unit">
    ##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
    ##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set">
    ##FORMAT=<ID=CN,Number=1,Type=Float,Description="Copy number">
    ##ALT=<ID=CNV:TR,Description="Tandem repeat determined based on DNA abundance">
"""
_REPEATS = """
chr1 100 cnv_notation T <CNV:TR>,<CNV:TR> . . SVLEN=30,30;CN=3,0.9666;RUS=CAG,CAG,CA,CAG;RN=1,3;RB=90,15,2,12  GT:PS:CN 1|2:100:3.9666
chr1 100 . T <CNV:TR> . . SVLEN=30;CN=6.5;RUS=CAG;RUC=65;CIRUC=-15,. GT ./.
chr1 117 precise_alt2 AG A . . . GT:PS 0|1:100
chr1 130 precise_alt1 G GCAGCAGCAGCAGCAGCAGCAGCAGCAGCAGCAGCAGCAGCAGCAGCAGCAGCAGCAGCAG . . . GT:PS 1|0:100
chr1 1000000 . T <CNV:TR> . . SVLEN=20000;CN=1.25;RUL=10000;RUC=5;RUB=10000,10500,11000,11500,12000 GT ./.
"""
_LOCAL_META = "".join(
    [form("GT", of="String"), form("LAA", "."), form("LAD", "LR"), form("LPL", "LG"), form("AD", "R"), form("PL", "G")]
)
_LOCAL = """
c 1 . G A,C,T,<*> . . . GT:LAA:LAD:LPL 2/4:2,4:20,30,10:90,80,0,100,110,120
c 1 . G A,C,T,<*> . . . GT:AD:PL 2/2:20,.,30,.,10:90,.,.,80,.,0,.,.,.,.,100,.,110,.,120
c 2 . A C,G,T,<*> . . . GT:LAA:LAD:LPL 0/3:3:15,25:40,0,80
c 3 . C G,T,<*> . . . GT:LAA:LAD:LPL 0/0:3:30,1:0,30,80
c 4 . G A,T,<*> . . . GT:LAA:LAD:LPL 0/0::30:0
c 4 . G A,T,<*> . . . GT:LAA:LAD:LPL 0/0:.:30:0
c 4 . G A,T,<*> . . . GT:AD:PL 0/0:30,.,.,.:0,.,.,.,.,.,.,.,.,.
"""
_MODIFIED_META = "".join([form("GT", of="String"), form("M5mC", "M", "Float"), form("M5hmC", "M", "Float")])
_MODIFIED = """
chr 10 . C A         . . . GT:M5mC       0/1:0.95
chr 20 . C CTAG      . . . GT:M5mC       0/1:0,0.5,0.7
chr 30 . C .         . . . GT:M5mC:M5hmC 0|0:0.9,0:0,0.1
chr 40 . C A,T,G,ACG . . . GT:M5mC       /3|1/0|4|0/0/3/1:0.25,0.1,0.5,0.6,.
"""
_PHASED_META = "".join([info("DP"), form("GT", of="String"), form("PSL", "P", "String"), form("PSO", "P")])
_PHASED = """
chr1  10 . T G   . PASS . GT:PSL:PSO /0/0|1:.,.,chr1*10*1:.,.,3
chr1  20 . A G   . PASS . GT:PSL:PSO /0/0|0|1:.,.,chr1*10*1,chr1*10*1:.,.,4,1
chr19 5  . T G   . PASS DP=100 GT:PSL |0/1:chr9*5*1,.
chr20 10 . A T,G,C . PASS DP=100 GT:PSL |1/2|3:chr20*10*1,.,chr9*5*1
chr20 15 . G C,T . PASS DP=100 GT:PSL 1|2:.,chr20*10*1
"""
_SAMPLE_META = """
    ##META=<ID=Assay,Type=String,Number=.,Values=[WholeGenome, Exome]>
    ##META=<ID=Disease,Type=String,Number=.,Values=[None, Cancer]>
    ##META=<ID=Ethnicity,Type=String,Number=.,Values=[AFR, CEU, ASN, MEX]>
    ##META=<ID=Tissue,Type=String,Number=.,Values=[Blood, Breast, Colon, Lung, ?]>
    ##SAMPLE=<ID=Sample1,Assay=WholeGenome,Ethnicity=AFR,Disease=None,Description="Patient germline genome",DOI=url>
    ##SAMPLE=<ID=Sample2,Assay=Exome,Ethnicity=CEU,Disease=Cancer,Tissue=Breast,Description="European patient exome">
    ##SAMPLE=<ID=Blood,Genomes=Germline,Mixture=1.,Description="Patient germline genome">
    ##SAMPLE=<ID=TissueSample,Genomes=Germline;Tumor,Mixture=.3;.7,Description="Patient germline genome;tumor genome">
    ##PEDIGREE=<ID=TumourSample,Original=GermlineID>
    ##PEDIGREE=<ID=ChildID,Father=FatherID,Mother=MotherID>
    ##pedigreeDB=http://example.org/pedigree.db
    ##ALT=<ID=R,Description="IUPAC code R = A/G">
    ##ALT=<ID=M,Description="IUPAC code M = A/C">
    ##contig=<ID=ctg1,length=81195210,URL=ftp://somewhere.example/assembly.fa,md5=f126cdf8a6e0c7f379d618ff66beb2da>
    ##contig=<ID=HLA-A*01:01:01:01,length=3503>
    ##INFO=<ID=ALLELEID,Number=A,Type=String,Description="Allele \\"ID\\", C:\\\\x",Source="ClinVar",Version="20220804">
"""
_OLD_SAMPLE_META = """
    ##SAMPLE=<ID=Blood,Genomes=Germline,Mixture=1.,Description="Patient germline genome">
    ##SAMPLE=<ID=TissueSample,Genomes=Germline;Tumor,Mixture=.3;.7,Description=Patient germline genome;tumor genome>
    ##PEDIGREE=<Name_0=G0-ID,Name_1=G1-ID>
    ##PEDIGREE=<Derived=ID2,Original=ID1>
    ##pedigreeDB=<http://example.org/pedigree.db>
    ##contig=<ID=ctg1,URL=ftp://somewhere.org/assembly.fa>
    ##INFO=<ID=1000G,Number=0,Type=Flag,Description="">
    ##INFO=<ID=my-key,Number=1,Type=String,Description="Text with \\d">
"""
_GENOTYPES = """
c 1 . A C . . . GT 0 1 .
c 2 . A C . . . GT 0/0/1 ./. .|.
c 3 . A C,G . . . GT:PL 0/1/2:1,2,3,4,5,6,7,8,9,10 0:1,2,3 1/2:1,2,3,4,5,6
c 4 . A C . . . GT:DP:FT 0/1:.:PASS 0/1:4:q10;s50 0/1
c 5 . A C . . . DP 1 . 3
c 6 . A C . . . GT:GL . ./. 0/1:.
c 7 . A C . . . . . . .
c 8 . A *,C . . . GT:HQ 1/2:.,5 1/1:.,. 0/1:1,2
c 9 . A C 1e-10 . . GT:EC 0/1:1 0/1:. 0/1:0
c 9 . A C Inf . . GT:GP 0/1:0,1,0 0/1:0.5,0.5,1e-3 0/1:.,.,.
"""

VALID: dict[str, bytes] = {
    **{f"first-example-4.{minor}": vcf(minor, _FIRST_META, "NA00001 NA00002 NA00003", _FIRST) for minor in range(6)},
    **{f"structural-4.{minor}": vcf(minor, _STRUCTURAL_META, "NA00001", _STRUCTURAL) for minor in (1, 2, 3)},
    **{f"structural-4.{minor}": vcf(minor, _NEW_STRUCTURAL_META, "sample", _NEW_STRUCTURAL) for minor in (4, 5)},
    **{f"breakends-4.{minor}": vcf(minor, "", "", _BREAKENDS) for minor in (1, 2, 3)},
    **{
        f"breakends-4.{minor}": vcf(minor, "", "", _BREAKENDS.replace("SVTYPE=BND;MATEID=bnd_U", "MATEID=bnd_U"))
        for minor in (4, 5)
    },
    **{f"blocks-4.{minor}": vcf(minor, _BLOCK_META, "S", _BLOCKS) for minor in (2, 3, 4, 5)},
    **{f"blocks-of-gatk-4.{minor}": vcf(minor, _BLOCK_META.replace("ID=*", "ID=NON_REF"), "S",
       _BLOCKS.replace("<*>", "<NON_REF>")) for minor in (2, 5)},
    **{f"repeats-4.{minor}": vcf(minor, _REPEAT_META, "sample", _REPEATS) for minor in (4, 5)},
    **{f"phase-sets-4.{minor}": vcf(minor, _PHASED_META, "S", _PHASED) for minor in (4, 5)},
    "local-alleles": vcf(5, _LOCAL_META, "S", _LOCAL),
    "modified-bases": vcf(5, _MODIFIED_META, "S", _MODIFIED),
    **{f"header-lines-4.{minor}": vcf(minor, _SAMPLE_META, "", "") for minor in (3, 4, 5)},
    **{f"header-lines-4.{minor}": vcf(minor, _OLD_SAMPLE_META, "", "") for minor in (1, 2)},
    **{f"genotypes-4.{minor}": vcf(minor, "", "A B C", _GENOTYPES) for minor in range(1, 6)},
    "no-records": vcf(3, "", "", ""),
    "no-records-with-samples": vcf(3, "", "A B", ""),
    "windows-line-ends": vcf(3, _FIRST_META, "NA00001 NA00002 NA00003", _FIRST).replace(b"\n", b"\r\n"),
    "windows-line-ends-4.1": vcf(1, _FIRST_META, "NA00001 NA00002 NA00003", _FIRST).replace(b"\n", b"\r\n"),
    "no-final-line-end-4.2": vcf(2, _FIRST_META, "NA00001 NA00002 NA00003", _FIRST).rstrip(b"\n"),
    "header-without-final-line-end": vcf(3, "", "A B", "").rstrip(b"\n"),
    "blank-last-line": vcf(3, _FIRST_META, "NA00001 NA00002 NA00003", _FIRST) + b"\n",
    "not-ascii": vcf(4, info("TXT", ".", "String"), "", "c 1 . A C . . TXT=\u00fc\u3042,%3B%25%2C"),
    "space-in-info": vcf(3, info("TXT", ".", "String"), "", "c 1 . A C . . TXT=a_b,c").replace(b"a_b", b"a b c"),
    "empty-text-in-a-list": vcf(4, info("TXT", ".", "String"), "", "c 1 . A C . . TXT=a,,b"),
    "undeclared-everything": vcf(3, "", "S", "chr9 5 . A C . odd ODD=1,a;FLAG GT:ODD 0/1:x,y"),
    "colon-in-contig": vcf(4, "", "", "HLA-A*01:01 5 . A C . . ."),
    "colon-in-declared-contig": vcf(3, "##contig=<ID=HLA-A*01:01>", "", "HLA-A*01:01 5 . A C . . ."),
    "telomeres": vcf(3, "##contig=<ID=c,length=9>", "", "c 0 . N A . . .\nc 10 . N A . . ."),
    "records-that-are-equal": vcf(3, "", "", "c 5 . A C . . .\nc 5 . A C . . ."),
    "no-alternative-but-its-values": vcf(1, "", "S", "c 5 . A . . . AC=1;AF=0.5 GT:GL 0/1:1,2,3"),
    "old-float": vcf(2, info("F", ".", "Float"), "", "c 5 . A C 5. . F=1.,.5,1e5,-INF,nan"),
    "floats": vcf(3, info("F", ".", "Float"), "", "c 5 . A C .5 . F=+1,.5,1E-5,-Infinity,NaN,inf"),
    "long-integers": vcf(3, info("I", ".", "Integer"), "", "c 5 . A C . . I=2147483647,-2147483640,+5,007"),
    "characters": vcf(3, info("C", ".", "Character"), "", "c 5 . A C . . C=a,%3B,\u00fc,."),
    "title-of-a-later-kind": vcf(2, "##META=text", "", ""),
    "cigar-encoded": vcf(3, "", "", "c 5 . A C . . CIGAR=1M2%3D"),
    "events-of-two-alleles": vcf(2, "", "", "c 5 . A <DEL>,<INS> . . EVENT=a,b;SVLEN=-5,6;CIPOS=-5,5\nc 6 . A <DEL>,<INS> . . SVLEN=5"),
    "interval-of-a-length": vcf(4, "", "", "c 5 . A <DEL> . . SVLEN=5;SVCLAIM=D;CILEN=10,20;CICN=0.5,1"),
    "copy-number-of-one-length": vcf(4, "", "S", "c 5 . A <DEL>,<DUP>,C . . SVLEN=-5,5,.;SVCLAIM=D,D,. GT:CN 1/2:1.5"),
    "phase-sets-missing": vcf(5, "", "A B", "c 5 . A C . . . GT:PS:PSL 0|1:5:.,. 0|1:.:a,b"),
    "computed-ends": vcf(5, "", "S", "c 5 . A <DEL>,C . . SVLEN=9,.;SVCLAIM=D,.;END=14 GT 0/1\nc 20 . A <*> . . END=29 GT:LEN 0/0:10"),
    "copy-numbers": vcf(2, '##ALT=<ID=CN0,Description="x">\n##ALT=<ID=CN2,Description="x">', "S",
                        "c 5 . A <CN0>,<CN2> . . . GT 1|2"),
    "missing-description": vcf(3, "##FILTER=<ID=q10>\n##ALT=<ID=DEL>", "", "c 5 . A C . q10 ."),
    "other-structured-lines": vcf(3, "##GATKCommandLine=<ID=X,Version=3.8,CommandLine=\"a=b, c\">", "", ""),
    "title-in-brackets": vcf(4, '##Title=<"text, and more">', "", ""),
    "pass-beside-another": vcf(2, "", "", "c 5 . A C . q10;PASS ."),
    "reserved-otherwise": vcf(3, info("DP", "A", "Float") + form("GQ", "1", "String") + info("NS", "2"), "S",
                              "c 5 . A C . . DP=5;NS=1,2 GT:GQ 0/1:high"),
}  # fmt: skip
