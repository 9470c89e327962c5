"""Schema: the words clients see."""
