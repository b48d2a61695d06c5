"""Pipelined connections to Redis for the commands of every miss; other commands use redis-py, at four times the CPU."""
