"""The statistics for an operator: the last fifteen minutes and this moment, over all API processes."""
