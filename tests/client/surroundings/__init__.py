"""``sentiment`` in every surroundings: it works, or one sentence and the documented exit code say why not."""
