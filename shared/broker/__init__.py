"""Redis as API and worker use it: keys, scripts, registry of workers, connections."""
