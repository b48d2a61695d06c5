"""Costs that no service can avoid: the bare engine, an empty task, and the ideal rate made of them."""
