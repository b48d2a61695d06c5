"""Rows about what a worker needs: time to start, and memory."""
