"""CKAN as a target: files datasets, line datasets and the bank dataset (docs/targets.md)."""
