"""Traffic: made, sent and written down, and the figures of it."""
