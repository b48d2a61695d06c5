"""Systems for comparison: the article's design, LitServe, BentoML, Infinity, and an endpoint that does nothing."""
