"""Parts of every process: settings, logs, traces, metrics, processors."""
