"""Celery and kombu with the product's configuration and changes; README.md lists the private names that they use."""
