"""What the API and the worker must agree on; it knows neither of them, nor any framework of theirs."""
