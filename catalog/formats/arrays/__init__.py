"""SNP arrays: intensities, calls and reports as Illumina's and Affymetrix' software write them."""
