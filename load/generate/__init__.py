"""Generating traffic, sending it, recording the answers, and computing figures of them."""
