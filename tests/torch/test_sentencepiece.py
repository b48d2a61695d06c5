"""Folders that have the model of SentencePiece instead of a ``tokenizer.json``."""

import io
import json
from pathlib import Path

import pytest
import sentencepiece

from tests.support.tokenizers import WORDPIECE, tokenizer
from tests.support.trained import save_tokenizer, save_trained
from worker.__main__ import main
from worker.engines.loading import load_engine
from worker.engines.proof import difference, read_reference
from worker.modelling.bake.texts import reference_texts

pytestmark = pytest.mark.torch


def save_older(folder: Path, architecture: str, name: str, **options: object) -> Path:
    """Save a model as releases of transformers without fast tokenizers did."""
    save_trained(folder, architecture, ["a", "b", "c"], vocab_size=800)
    for path in folder.glob("*token*"):
        path.unlink()
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(reference_texts()), model_writer=written, vocab_size=600, minloglevel=2, **options
    )
    (folder / name).write_bytes(written.getvalue())
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 128}))
    return folder


NUMBERS = {"pad_id": 0, "unk_id": 1, "bos_id": -1, "eos_id": -1}
"""Of special tokens, as in the published models of both architectures."""
MARKS = "[CLS],[SEP],[MASK]"


@pytest.mark.parametrize(
    ("architecture", "name", "options"),
    [
        ("xlm-roberta", "sentencepiece.bpe.model", {}),
        ("camembert", "sentencepiece.bpe.model", {}),
        ("albert", "spiece.model", {**NUMBERS, "control_symbols": MARKS}),
        ("deberta-v2", "spm.model", {**NUMBERS, "control_symbols": MARKS}),
    ],
    ids=["xlm-roberta", "camembert", "albert", "deberta-v2"],
)
def test_its_tokens_are_those_of_the_pipeline(
    architecture: str, name: str, options: dict[str, object], tmp_path: Path
) -> None:
    trained = save_older(tmp_path / "trained", architecture, name, **options)
    assert main(["bake", "--source", str(trained), "--output", str(tmp_path / "baked"), "--precision", "fp32"]) == 0
    entries = read_reference(tmp_path / "baked")
    records = load_engine("onnx", tmp_path / "baked", 1).classify([entry.text for entry in entries])
    assert max(difference(r.scores, e.pipeline) for r, e in zip(records, entries, strict=True)) < 1e-4
    assert len({record.tokens for record in records}) > 10


def test_one_that_cannot_be_converted_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trained = save_older(tmp_path / "trained", "xlm-roberta", "sentencepiece.bpe.model")
    (trained / "sentencepiece.bpe.model").write_bytes(b"junk")
    assert main(["bake", "--source", str(trained), "--output", str(tmp_path / "baked")]) == 2
    (said,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert said.startswith(
        f"error: transformers cannot convert the tokenizer in {trained}: put the tokenizer.json there"
    )


def test_the_tokenizer_of_a_larger_model_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trained = save_trained(tmp_path / "trained", "bert", ["a", "b"])
    larger = tokenizer(WORDPIECE)
    larger.add_tokens(["<more>"])
    save_tokenizer(trained, larger, 128)
    assert main(["bake", "--source", str(trained), "--output", str(tmp_path / "baked")]) == 2
    assert "is another model's: one of its tokens has the number" in capsys.readouterr().err
