"""What an operator sees: rules, alerts and dashboards, on a real Prometheus."""
