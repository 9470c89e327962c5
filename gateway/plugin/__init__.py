"""The plugin contract: everything that a plugin imports from the gateway."""
