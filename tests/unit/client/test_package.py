"""The package gives its names when they are asked for."""

import subprocess
import sys

import pytest

import client


def test_all_names_are_there() -> None:
    assert set(client.__all__) <= set(dir(client))
    for name in client.__all__:
        assert getattr(client, name) is not None
    assert client.errors.ApiError is client.ApiError
    with pytest.raises(AttributeError, match="module 'client' has no attribute 'nonsense'"):
        getattr(client, "nonsense")  # noqa: B009 - a type checker knows


def test_nothing_is_imported_before() -> None:
    program = "import client, sys; print({'httpx', 'click', 'asyncio'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
