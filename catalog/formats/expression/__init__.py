"""Expression matrices: what gene by sample tables have in common, read row by row."""
