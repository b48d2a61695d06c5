"""Answers of the planner's commands."""
