"""Pipelined connections to Redis for the commands of every miss; redis-py, at four times the CPU, sends all others."""
