"""Export of whole lists into files: read once, in time order, resumable after any stop."""
