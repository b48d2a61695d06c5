"""Inputs of the planner: its fields, its command line, and the results it reads."""
