"""API keys and quotas, which are checked before a route handles the request."""
