"""The curators' commands. :mod:`catalog.cli` knows them by import string."""
