"""The worker as others see it: heartbeat, pace, metrics, and the sweep of lost chunks."""
