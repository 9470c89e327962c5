"""Server: the gateway on the network - routes, GraphQL over HTTP and WebSocket, media, configuration that reloads."""
