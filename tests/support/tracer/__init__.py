"""Counting the calls, functions, files and changes of file of one miss and one job in the API and in the worker."""
