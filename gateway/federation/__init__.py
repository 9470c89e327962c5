"""Federating: this gateway as one part of a company's graph, by Apollo Federation 2."""
