"""Indexes: what they say alone (one module a family), and whether it fits the file that they belong to."""
