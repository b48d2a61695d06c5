import importlib
import sys

import pytest

from shared.process.imports import without_unused


def test_an_unused_package_is_missing_inside_the_block_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "yaml", raising=False)
    with without_unused(), pytest.raises(ModuleNotFoundError):
        importlib.import_module("yaml")
    assert importlib.import_module("yaml").safe_load("[1]") == [1]


def test_a_package_that_is_loaded_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", sys)
    with without_unused():
        assert importlib.import_module("yaml") is sys
    assert sys.modules["yaml"] is sys


def test_an_error_inside_the_block_hides_nothing_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "yaml", raising=False)
    with pytest.raises(ZeroDivisionError), without_unused():
        _ = 1 / 0
    assert "yaml" not in sys.modules
