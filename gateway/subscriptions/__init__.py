"""GraphQL subscriptions: one poller per provider, however many clients listen."""
