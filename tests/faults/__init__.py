"""Faults injected into the real product: what was done, what was seen, whether the promise held."""
