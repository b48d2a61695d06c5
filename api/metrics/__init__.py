"""The metrics of an API process: its own counts, the work read from the broker, and their form for Prometheus."""
