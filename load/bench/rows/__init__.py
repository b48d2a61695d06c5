"""The rows of the benchmark; each is a module with a function `run`."""
