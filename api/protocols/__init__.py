"""The requests and answers that clients may use: the product's own, and those of other servers' clients."""
