"""File formats: one module or folder a family, all behind the door of :mod:`catalog.formats.protocol`."""
