"""The chart, rendered by real Helm."""
