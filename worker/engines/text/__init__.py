"""Both ends of a pass, which all engines share: a text's tokens before it, and the scores of its outputs after it."""
