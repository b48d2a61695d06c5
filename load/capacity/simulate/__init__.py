"""Simulations of one cell on a cluster, and of the service on one machine."""
