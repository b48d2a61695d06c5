"""The worker: holds the model, takes texts off the queues and publishes their scores."""
