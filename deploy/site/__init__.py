"""The documentation's site: `docs/`, the READMEs of the repository, and pages generated from code (`make docs`)."""
