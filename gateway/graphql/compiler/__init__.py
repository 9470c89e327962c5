"""Executing: selections turned into code once, and completed as graphql-core completes them."""
