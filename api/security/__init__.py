"""Who may ask, and how often: checks that come before a route sees the request."""
