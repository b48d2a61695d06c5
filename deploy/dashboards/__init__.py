"""Grafana's dashboards, defined in Python and generated as JSON: ``make dashboards``."""
