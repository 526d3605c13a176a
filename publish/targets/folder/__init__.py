"""The kind ``folder``: a static tree for any web server, or for a bucket that is synced from it (docs/targets.md)."""

from publish.targets.folder.kind import FOLDER

__all__ = ["FOLDER"]
