"""Training and baking a model; a serving worker does not import this package."""
