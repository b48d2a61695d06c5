"""The work of both lanes: messages of synchronous requests, chunks of jobs, and the inference that both use."""
