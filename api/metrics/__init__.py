"""What an API process counts, what it reads from the broker, and how both are shown to Prometheus."""
