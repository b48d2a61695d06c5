"""Predictions for texts by cache, claim, queue and wait, independent of HTTP."""
