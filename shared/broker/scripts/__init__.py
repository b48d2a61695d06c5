"""The atomic steps on Redis: Lua, and beside it one typed function for each script, whose signature is the contract.

Each function builds a `Call`. `run` of `callers.py` runs it from asyncio, `run_blocking` without; a worker's
`worker.lanes.pipe.Pipe` sends it and collects the reply later. Redis 6.2 runs all scripts.
"""
