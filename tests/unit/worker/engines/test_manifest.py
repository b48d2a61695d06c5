import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.broker.fleet import DEFAULT_LABELS
from shared.contract.errors import ModelError
from shared.process.settings import Settings
from tests.support.models import write_model
from worker.engines.manifest import MANIFEST, WEIGHTS_FOLDER, load_manifest, model_dir, verify


def edit(folder: Path, **changes: Any) -> None:
    path = folder / MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_model(tmp_path / "model", built_at=7)


def test_what_is_written_is_read(folder: Path) -> None:
    manifest = load_manifest(folder)
    verify(folder, manifest)
    assert manifest.labels == DEFAULT_LABELS
    assert manifest.built_at == 7


def test_weights_that_an_engine_never_reads_are_not_checked_for_it(folder: Path) -> None:
    weights = folder / WEIGHTS_FOLDER / "model.safetensors"
    weights.parent.mkdir()
    weights.write_bytes(b"other bytes than were baked")
    edit(folder, files={**load_manifest(folder).files, f"{WEIGHTS_FOLDER}/{weights.name}": "0" * 64})
    verify(folder, load_manifest(folder), "onnx")
    for engine in ("torch", "package.module:factory"):
        with pytest.raises(ModelError, match="has another digest"):
            verify(folder, load_manifest(folder), engine)


@pytest.mark.parametrize(
    "labels",
    [
        ["up"],
        ["up", "up"],
        ["up", ""],
        ["up", "do\nwn"],
        ["up", "do\x7fwn"],
        ["up", "do\u2028wn"],
        ["up", "\u202enwod"],
        ["up", "x" * 101],
        [str(number) for number in range(1001)],
        "up",
        None,
        [1, 2],
    ],
)
def test_labels_that_cannot_be_served_are_refused(folder: Path, labels: Any) -> None:
    edit(folder, labels=labels)
    with pytest.raises(ModelError, match="is not a model manifest: labels") as caught:
        load_manifest(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "labels",
    [
        ["spam", "ham", "eggs"],
        [str(number) for number in range(1000)],
        [
            'say "no"',
            "one, two",
            "\U0001f468\u200d\U0001f469\u200d\U0001f467",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ],
    ],
)
def test_any_number_of_labels_up_to_a_thousand_in_any_script(folder: Path, labels: list[str]) -> None:
    edit(folder, labels=labels)
    manifest = load_manifest(folder)
    assert manifest.labels == manifest.card().labels == tuple(labels)
    assert manifest.card().polarity == {}


def test_the_committed_models_card() -> None:
    manifest = load_manifest(model_dir(Settings()))
    card = manifest.card()
    assert card.version == manifest.version == "dfbf18b30c28a297"
    assert (card.task, card.precision, card.max_tokens, card.architecture) == (
        "single-label",
        "int8",
        512,
        "distilbert",
    )
    assert card.polarity == {"NEGATIVE": "negative", "POSITIVE": "positive"}
    assert card.measured is not None
    assert (card.measured.data, card.measured.texts) == ("sst2 dev", 872)
    assert card.measured.accuracy == pytest.approx(0.900, abs=0.001)
    assert 20e6 < card.size_bytes < 30e6


def test_a_manifest_of_today_says_what_it_always_meant(folder: Path) -> None:
    manifest = load_manifest(folder)
    assert manifest.schema_version == 1
    assert (manifest.activation, manifest.deciding, manifest.temperature) == ("softmax", None, 1.0)
    assert (manifest.preparation, manifest.max_tokens) == ((), 512)


def test_a_multi_label_model_decides_by_its_threshold(folder: Path) -> None:
    edit(folder, task="multi-label", threshold=0.3, polarity={"POSITIVE": "positive"}, languages=["en", "zh"])
    manifest = load_manifest(folder)
    assert (manifest.activation, manifest.deciding) == ("sigmoid", 0.3)
    assert (
        manifest.card().model_dump().items()
        >= {
            "task": "multi-label",
            "threshold": 0.3,
            "languages": ("en", "zh"),
            "polarity": {"POSITIVE": "positive"},
        }.items()
    )


def test_the_version_is_the_digest_of_the_file_as_it_stands(folder: Path) -> None:
    before = load_manifest(folder).version
    assert before == hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()[:16]
    # A field of a later release and another layout: not lost on the way through this release's class.
    edit(folder, some_later_field=1)
    after = load_manifest(folder).version
    assert after == hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()[:16] != before


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_changed_byte_of_a_file_is_found(folder: Path, data: st.DataObject) -> None:
    path = folder / "weights.bin"
    content = path.read_bytes()
    position = data.draw(st.integers(0, len(content) - 1))
    changed = bytearray(content)
    changed[position] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(changed))
    try:
        with pytest.raises(ModelError, match=r"weights\.bin has another digest"):
            verify(folder, load_manifest(folder))
    finally:
        path.write_bytes(content)


def test_a_missing_file_is_found(folder: Path) -> None:
    (folder / "weights.bin").unlink()
    with pytest.raises(ModelError, match=r"weights\.bin cannot be read \(No such file"):
        verify(folder, load_manifest(folder))


def test_no_manifest(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model in"):
        load_manifest(tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"preprocessing": "bytes-7"}, "another preprocessing|for the preprocessing bytes-7"),
        ({"max_tokens": 8193}, "max_tokens"),
        ({"schema_version": 4}, "schema_version"),
        ({"task": "regression"}, "task"),
        ({"threshold": 1}, "threshold"),
        ({"temperature": 0}, "temperature"),
        ({"polarity": {"UP": "positive"}}, "names a label that the model does not have"),
        ({"languages": ["English"]}, "languages"),
        ({"preparation": ["rot13"]}, "a preparation that this release does not know: rot13"),
        ({"scheme": "w4"}, "scheme"),
        ({"files": None}, "files"),
    ],
)
def test_a_manifest_that_is_not_ours_is_refused(folder: Path, changes: dict[str, Any], message: str) -> None:
    edit(folder, **changes)
    with pytest.raises(ModelError, match=message):
        load_manifest(folder)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe"])
def test_junk_is_one_clear_sentence(folder: Path, content: bytes) -> None:
    (folder / MANIFEST).write_bytes(content)
    with pytest.raises(ModelError, match="is not a model manifest") as caught:
        load_manifest(folder)
    assert "\n" not in str(caught.value)
