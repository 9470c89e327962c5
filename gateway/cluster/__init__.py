"""State shared by replicas through Redis or Valkey. The gateway keeps working while the server is down."""
