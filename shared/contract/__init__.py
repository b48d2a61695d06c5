"""The contract of API and worker: names, messages, results, jobs and errors."""
