"""The HTTP API: validates, answers from the cache, hands misses to the workers and waits for them."""
