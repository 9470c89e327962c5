"""HTTP: what every server on it needs - headers, heads, ranges, sockets, an end in good order - and nothing of what is served."""
