"""Errors that clients receive: their table, and the forms in which other protocols expect them."""
