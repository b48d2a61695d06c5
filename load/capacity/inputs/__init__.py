"""Inputs of the planner: its fields, its command line, and the results of benchmarks that it reads."""
