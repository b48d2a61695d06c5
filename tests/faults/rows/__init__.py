"""The rows of the suite, by the part that fails."""
