"""The command ``sentiment``."""

from client.cli.main import main

__all__ = ["main"]
