"""Fingerprints: what a file says at the sites of the panel, by which files of one donor are recognised.

A fingerprint identifies a person. It goes into ``Subject.evidence`` and from there into the bank's own folder for it
(docs/tiers.md), never into a report, package or index.
"""
