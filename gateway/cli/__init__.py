"""Console: what the command line does besides serving - check, tell what plugins can, make and revoke keys."""
