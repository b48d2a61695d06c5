"""Engines against each other, in one process and on one thread: `make bench-engine`."""
