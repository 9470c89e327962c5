"""Send requests to upstreams, protected, cached, coalesced and measured."""
