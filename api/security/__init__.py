"""API keys and quotas: checks that come before a route sees the request."""
