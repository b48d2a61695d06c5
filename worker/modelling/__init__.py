"""Build time only: training a model and baking it; nothing of it is imported while serving."""
