import time
from pathlib import Path

import pytest

from load.bench.parts import timed_engine
from tests.support.scheme import write_scheme_model
from worker.engines.loading import load_engine


def test_passes_are_counted_in_their_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, records = write_scheme_model(tmp_path / "model"), tmp_path / "records"
    records.mkdir()
    monkeypatch.setenv(timed_engine.FOLDER, str(records))
    engine = load_engine(timed_engine.SPEC, model, threads=1)
    plain = load_engine("auto", model, threads=1)
    assert (engine.name, engine.variant) == (plain.name, plain.variant)
    began, used = time.monotonic(), time.thread_time()
    texts = ["A joy.", "Dull.", "Neither."]
    assert engine.classify(texts) == plain.classify(texts)
    engine.classify(["One more."])
    end = time.monotonic()
    cpu, count = timed_engine.passes(records, began, end - began)
    assert count == len(texts) + 1
    assert 0 < cpu <= time.thread_time() - used
    assert timed_engine.passes(records, end, 1.0) == (0.0, 0)
