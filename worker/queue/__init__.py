"""Celery and kombu, configured and mended."""
