"""Models with random weights in the sizes that the benchmark measures."""
