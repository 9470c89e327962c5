"""Documents: what becomes of a GraphQL document before it is executed - found, parsed, weighed, refused."""
