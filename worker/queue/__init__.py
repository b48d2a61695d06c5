"""Celery and kombu, configured and changed; README.md in this folder lists the private names that this needs."""
