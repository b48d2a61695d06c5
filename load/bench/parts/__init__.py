"""The product's processes, and others beside it, as a measurement needs them."""
