"""The worker: it loads the model, takes texts from the queues and publishes their scores."""

import os

# ONNX Runtime's Linux builds send telemetry unless this is set before the import; see its Privacy.md.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
