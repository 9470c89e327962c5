"""Reading: from what a client asked of a list to its records, in one order over all providers."""
