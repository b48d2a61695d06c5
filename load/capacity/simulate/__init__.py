"""Simulations: one cell on a cluster, one machine, and a flood of jobs."""
