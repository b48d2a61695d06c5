"""Costs that no service can avoid (the yardstick, an empty task), and the ideal rate made of them."""
