"""Other systems under the same traffic: the article's design, LitServe, BentoML, and an endpoint that does nothing."""
