"""The benchmark: it drives the whole stack, measures its parts, and compares the figures with their limits."""
