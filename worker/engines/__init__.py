"""Ways to compute scores, behind one interface."""
