"""Making: the parts of these pages that are made from the code, and how the pages become a site."""
