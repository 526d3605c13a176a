"""The client: the portal as functions, and verified, resumable downloads from a portal or a bank."""
