"""Grafana's dashboards, written in Python and committed as JSON: ``make dashboards``."""
