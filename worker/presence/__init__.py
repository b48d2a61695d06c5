"""The worker's heartbeat, pace and metrics, the sweep of lost chunks, and the check of both Redis."""
