"""The process of the command: its streams, its signals, its exit codes."""
