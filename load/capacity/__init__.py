"""Capacity planning by simulation of queues and autoscalers; the commands are in `load.capacity.__main__`."""
