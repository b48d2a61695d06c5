"""Tests that need the train extra; without it their modules are not even imported."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("torch") and find_spec("transformers") else ["test_*.py"]

if find_spec("torch"):
    import torch

    torch.set_num_threads(1)  # threads that wait for each other take most of the time of small models
