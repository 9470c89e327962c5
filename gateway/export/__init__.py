"""Exporting: whole lists into files, read once, in order, and gone on with wherever they stopped."""
