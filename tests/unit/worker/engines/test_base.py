from pathlib import Path

import pytest

from shared.contract.errors import ModelError
from worker.engines.base import load_engine


class Constant:
    name = "constant"

    def __init__(self, model_dir: Path, threads: int) -> None:
        self.given = (model_dir, threads)

    def scores(self, text: str) -> tuple[float, ...]:
        return (0.0, 1.0) if text else (1.0, 0.0)


def test_an_engine_of_your_own_gets_folder_and_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.engines.Constant", Constant, raising=False)
    engine = load_engine("tests.support.engines:Constant", tmp_path, 3)
    assert isinstance(engine, Constant)
    assert engine.given == (tmp_path, 3)


@pytest.mark.parametrize("spec", ["tensorflow", "", "worker.engines.base"])
def test_an_unknown_name_is_refused(spec: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no engine is called"):
        load_engine(spec, tmp_path, 1)


@pytest.mark.parametrize("spec", ["no_such_module:factory", "worker.engines.base:no_such_factory", ":factory"])
def test_a_factory_that_is_not_there_is_named(spec: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"the engine '{spec}' cannot be loaded"):
        load_engine(spec, tmp_path, 1)
