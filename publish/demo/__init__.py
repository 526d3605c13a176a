"""The example bank: the published table of the Korea National Stem Cell Bank with synthetic files."""
