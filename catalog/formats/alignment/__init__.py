"""Alignments of reads: SAM, BAM and CRAM, judged by one set of rules for header and records (SAMv1, SAMtags, CRAMv3)."""
