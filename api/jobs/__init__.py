"""Jobs: many texts that are accepted durably and computed in the background; independent of HTTP."""
