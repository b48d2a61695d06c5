"""Systems for comparison: the article's design, LitServe, BentoML, and an endpoint that does nothing."""
