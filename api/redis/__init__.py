"""Pipelined connections to Redis, for what every miss does; redis-py, which takes four times as long, does the rest."""
