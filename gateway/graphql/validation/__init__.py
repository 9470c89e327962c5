"""Checks of a GraphQL request before execution: persisted queries, size, validation, cost and concurrency."""
