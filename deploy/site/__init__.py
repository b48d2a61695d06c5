"""The site of the documentation: `docs/`, the READMEs of the repository, and pages made from code (`make docs`)."""
