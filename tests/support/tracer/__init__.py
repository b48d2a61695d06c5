"""Calls, functions, files and changes of file that one miss and one job cost in the API and in the worker."""
