"""Transport: what stands between a request of ours and an upstream, and what it has cost."""
