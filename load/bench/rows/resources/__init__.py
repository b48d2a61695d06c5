"""Rows about the resources of a worker: time to start, and memory."""
