"""Targets: the places that releases are published to. One plan, one journal and one way to apply it for all kinds."""
