"""The schemas of requests and answers, and the options of a request."""
