"""The HTTP API: validates requests, answers from the cache, sends misses to workers and waits for the results."""
