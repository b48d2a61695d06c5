"""The JSON of requests and answers, and what can be asked for in them."""
