"""The engine of our own: C for one thread, chosen by the processor."""
