"""The resolvers' view of the gateway for one request: pages, relations, commands, aggregates and capabilities."""
