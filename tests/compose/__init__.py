"""The images and the composed stack, on a real engine: ``make test-compose``."""
