"""The processes that a measurement starts: the product's, and others for comparison."""
