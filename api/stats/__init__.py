"""What an operator looks at first: the last fifteen minutes and this moment, over all API processes."""
