"""The `telegraphql` command."""
