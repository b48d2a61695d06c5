"""Lua scripts that change data on Redis atomically, and one typed function for each, whose signature is its contract.

Each function builds a `Call`. In `callers.py`, `run` sends it from asyncio and `run_blocking` without asyncio; a
worker's `worker.lanes.pipe.Pipe` sends it and reads the reply later. All scripts run on Redis 6.2.
"""
