"""The benchmark harness: drives the whole stack, measures it part by part, and compares it with its limits."""
