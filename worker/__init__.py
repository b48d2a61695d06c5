"""The worker: holds the model, takes texts off the queues and publishes their scores."""

import os

# ONNX Runtime's Linux builds report to their maker unless this is set before the import; see its Privacy.md.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
