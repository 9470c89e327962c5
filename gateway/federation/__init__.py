"""Apollo Federation 2: this gateway as one subgraph of a company's graph."""
