"""From texts to answers: cache, claim, queue, wait. Nothing in here knows HTTP."""
