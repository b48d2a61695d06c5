import io
import random
import zipfile
from pathlib import Path
from typing import Any, NoReturn
from urllib.error import URLError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contract.errors import ModelError
from worker.modelling.train import data
from worker.modelling.train.data import Example, hold_out, load_data, parse_tsv, read_tsv

CHUNKS = [
    "and",
    "so",
    "the",
    "long",
    "evening",
    "goes",
    "on",
    "while",
    "nobody",
    "in",
    "the",
    "room",
    "dares",
    "to",
    "say",
    "what",
    "they",
    "think",
]


@pytest.mark.parametrize(
    "content",
    ["label\tsentence\n1\tfine\n0\tawful , really\n", "sentence\tlabel\r\nfine \t1\r\nawful , really\t0\r\n\r\n"],
)
def test_the_header_says_which_column_is_the_label(content: str) -> None:
    assert parse_tsv(content, "some file") == [Example("fine", 1), Example("awful , really", 0)]


def test_a_line_ends_only_at_a_line_feed() -> None:
    assert parse_tsv("label\ttext\n1\tone\u2028line\x85only\n", "some file") == [Example("one\u2028line\x85only", 1)]


@pytest.mark.parametrize(
    "content",
    ["", "label\ttext\n", "a\tb\n1\tfine\n", "label\ttext\nfine\t1\n", "label\ttext\n1\n", "label\ttext\n4\tx\n"],
)
def test_another_form_is_refused(content: str) -> None:
    with pytest.raises(ModelError, match=r"some file (has no tab-separated columns|holds no examples)"):
        parse_tsv(content, "some file")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"train\.tsv cannot be read: No such file"):
        load_data(tmp_path)


def test_a_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "train.tsv").write_text("label\tsentence\n1\tfine\n")
    (tmp_path / "dev.tsv").write_text("label\tcontent\n0\tawful\n")
    assert load_data(tmp_path) == ([Example("fine", 1)], [Example("awful", 0)])
    assert read_tsv(tmp_path / "dev.tsv") == [Example("awful", 0)]


def test_glue_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*args: object, **kwargs: object) -> NoReturn:
        raise URLError("no route")

    monkeypatch.setattr(data, "urlopen", unreachable)
    with pytest.raises(ModelError, match=r"SST-2 cannot be fetched from .*; name a folder with --data"):
        load_data(None)


def test_glue_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("SST-2/train.tsv", "sentence\tlabel\nfine\t1\n")
        file.writestr("SST-2/dev.tsv", "sentence\tlabel\nawful\t0\n")

    def fetch(*args: object, **kwargs: Any) -> io.BytesIO:
        return io.BytesIO(archive.getvalue())

    monkeypatch.setattr(data, "urlopen", fetch)
    assert load_data(None) == ([Example("fine", 1)], [Example("awful", 0)])


@given(st.integers(0, 2**32), st.integers(0, 12))
def test_nothing_that_is_learnt_gives_a_held_label_away(seed: int, size: int) -> None:
    rng = random.Random(seed)
    sentences = [" ".join([f"opening{n}", *rng.sample(CHUNKS, 16), f"ending{n}"]) for n in range(12)]
    examples = [Example(sentence, rng.randint(0, 1)) for sentence in sentences]
    for sentence in sentences:
        words = sentence.split()
        for _ in range(5):
            start = rng.randint(0, 10)
            examples.append(Example(" ".join(words[start : start + rng.randint(1, 17)]), rng.randint(0, 1)))
    rest, held = hold_out(examples, size, random.Random(seed))
    assert len({text for text, _ in held}) <= size
    assert {text for text, _ in held} <= set(sentences)
    assert len(held) == size
    for text, _ in rest:
        for whole, _ in held:
            assert whole not in text
            assert text not in whole or len(text.split()) < 3
    assert set(rest) | set(held) <= set(examples)


def test_data_without_a_whole_sentence_is_refused() -> None:
    with pytest.raises(ModelError, match="no training text of at least 15 words"):
        hold_out([Example("too short to tell", 1)], 5, random.Random(3))


def test_the_same_seed_holds_the_same_sentences() -> None:
    examples = [Example(f"{n} " + " ".join(CHUNKS), n % 2) for n in range(50)]
    assert hold_out(examples, 5, random.Random(3)) == hold_out(examples, 5, random.Random(3))
    assert hold_out(examples, 5, random.Random(3)) != hold_out(examples, 5, random.Random(4))
