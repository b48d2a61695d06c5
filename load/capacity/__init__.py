"""Capacity planning: queueing and scaling simulated, from measured service times. Start at `load.capacity.__main__`."""
