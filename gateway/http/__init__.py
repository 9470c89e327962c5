"""The HTTP server: GraphQL over HTTP, SSE and WebSocket, media files, health checks and metrics."""
