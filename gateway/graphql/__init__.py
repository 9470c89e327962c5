"""GraphQL documents: validated against limits, compiled, executed."""
