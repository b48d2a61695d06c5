"""``python -m deploy.release``: build the artefacts of a release, and check them."""
