"""Generate the parts of the documentation that come from the code, and prepare the pages for MkDocs."""
