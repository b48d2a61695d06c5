"""The launcher behind ``make run`` and ``make demo``: every part of the product as a child process.

It knows the parts by their module names alone and imports neither the API nor the worker.
"""
