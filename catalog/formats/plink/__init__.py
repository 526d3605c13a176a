"""PLINK 1 binary filesets: genotypes (bed), variants (bim), samples (fam), and the three together."""
