import hashlib
import json
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import Mock

import huggingface_hub
import pytest
from huggingface_hub.errors import LocalEntryNotFoundError, RevisionNotFoundError

from shared.contract.errors import ModelError
from worker.modelling.bake.command import PRODUCTION
from worker.modelling.bake.trained.source import resolve

WEIGHTS = b"weights"
CONFIG: dict[str, Any] = {
    "model_type": "distilbert",
    "architectures": ["DistilBertForSequenceClassification"],
    "activation": "gelu",
    "dim": 32,
    "n_heads": 4,
    "n_layers": 2,
    "max_position_embeddings": 512,
    "id2label": {"0": "negative", "1": "Positive"},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "trained"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(CONFIG))
    (folder / "model.safetensors").write_bytes(WEIGHTS)
    (folder / "vocab.txt").write_text("[PAD]\n")
    return folder


def test_a_folder_is_named_by_the_digest_of_its_weights(folder: Path) -> None:
    digest = hashlib.sha256(WEIGHTS).hexdigest()
    trained = resolve(str(folder), digest.upper())
    assert trained.architecture == "distilbert"
    assert trained.family.model == "DistilBertForSequenceClassification"
    assert trained.source.model_dump() == {"kind": "folder", "name": "trained", "revision": digest}


def test_another_digest_is_refused(folder: Path) -> None:
    with pytest.raises(ModelError, match=f"have the digest {hashlib.sha256(WEIGHTS).hexdigest()}, not {'0' * 64}"):
        resolve(str(folder), "0" * 64)


@pytest.mark.parametrize("source", ["owner/name", "owner/name@main", "no-such-folder", f"owner/name@{'A' * 40}", ""])
def test_a_source_without_a_pinned_revision_is_refused(source: str) -> None:
    with pytest.raises(ModelError, match="neither a folder nor owner/name@revision"):
        resolve(source, None)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"model_type": "bert", "architectures": ["BertModel"]},
            "is BertModel, which cannot be baked: bake takes the ForSeq",
        ),
        ({"architectures": ["DistilBertModel"]}, "is DistilBertModel, which"),
        ({"architectures": ["BertForSequenceClassification"]}, "is BertForSequenceClassification, which"),
        (
            {"model_type": "gpt2", "architectures": ["GPT2ForSequenceClassification"]},
            "is GPT2For.* of DistilBert, Bert, Roberta, ",
        ),
        ({"architectures": None}, "is of an unknown architecture, which"),
    ],
)
def test_a_foreign_model_is_refused(folder: Path, changes: dict[str, Any], message: str) -> None:
    (folder / "config.json").write_text(json.dumps({**CONFIG, **changes}))
    with pytest.raises(ModelError, match=message):
        resolve(str(folder), None)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("config.json", r"config\.json cannot be read"),
        ("model.safetensors", r"has no model\.safetensors"),
        ("vocab.txt", r"has no tokenizer: neither tokenizer\.json nor vocab\.txt nor"),
    ],
)
def test_a_missing_file_is_named(folder: Path, name: str, message: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelError, match=message):
        resolve(str(folder), None)


def test_pickled_weights_are_refused(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(
        ModelError, match=r"no model\.safetensors: pytorch_model\.bin is never loaded, save the model with"
    ):
        resolve(str(folder), None)


@pytest.mark.parametrize("content", ["", "{", "[]", "7"])
def test_a_config_that_is_none(folder: Path, content: str) -> None:
    (folder / "config.json").write_text(content)
    with pytest.raises(ModelError, match="holds no model"):
        resolve(str(folder), None)


def answer(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def raise_it(*args: object, **kwargs: object) -> NoReturn:
        raise error

    monkeypatch.setattr(huggingface_hub, "snapshot_download", raise_it)


def test_a_hub_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, LocalEntryNotFoundError("a long\nexplanation"))
    with pytest.raises(ModelError, match=r"cannot be fetched: the hub is out of reach") as caught:
        resolve(PRODUCTION, None)
    assert "\n" not in str(caught.value)


def test_a_revision_that_the_hub_does_not_have(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, RevisionNotFoundError("not found", response=Mock()))
    with pytest.raises(ModelError, match=r"the hub has no distilbert/.* at revision 714eb0fa"):
        resolve(PRODUCTION, None)


def test_a_hub_model_is_named_by_its_revision(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_args, **_options: str(folder))
    source = resolve(PRODUCTION, None).source
    name, revision = PRODUCTION.split("@")
    assert source.model_dump() == {"kind": "hub", "name": name, "revision": revision}
