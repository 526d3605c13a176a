"""Tables of intervals: BED, bedGraph and bedMethyl, and what they share with Bismark's tables of cytosines."""
