"""``python -m deploy.release``: build what a release consists of, and check it."""
