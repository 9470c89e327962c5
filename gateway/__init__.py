"""Gateway: the engine and the server; it knows no provider's name."""
