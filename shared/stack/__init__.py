"""The launcher of ``make run`` and ``make demo``, which runs every part of the product as a child process.

It starts the parts by the names of their modules, and imports neither the API nor the worker.
"""
