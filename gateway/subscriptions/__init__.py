"""Following: what clients are told while it happens, from one look at each provider however many listen."""
