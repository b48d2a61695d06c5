"""Simulations: one cell on a cluster, and one machine."""
