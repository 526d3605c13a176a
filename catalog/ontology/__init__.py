"""Ontologies: readers, the term store's making, and the annotation of records (docs/ontologies.md)."""
