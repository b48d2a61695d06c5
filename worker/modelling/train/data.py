"""The data of SST-2: labelled phrases, some of which are held out to choose the best epoch."""

import random
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Final, NamedTuple
from urllib.request import urlopen
from zipfile import BadZipFile, ZipFile

from shared.contract.errors import ModelError

_GLUE: Final = "https://dl.fbaipublicfiles.com/glue/data/SST-2.zip"
_TIMEOUT_SECONDS: Final = 30
_SENTENCE_WORDS: Final = 15
"""Number of words from which training phrases are mostly whole sentences, like those of the dev set."""
_FRAGMENT_WORDS: Final = 3
_INDEXED_WORDS: Final = 6


class Example(NamedTuple):
    """A phrase with its label: 0 is negative, 1 is positive."""

    text: str
    label: int


def read_tsv(path: Path) -> list[Example]:
    """Read a file with two tab-separated columns, one of which has the header ``label``.

    Raises:
        ModelError: the file is missing or has another form.
    """
    try:
        return parse_tsv(path.read_text("utf-8"), str(path))
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from None


def parse_tsv(content: str, name: str) -> list[Example]:
    """Read the content of a file with two tab-separated columns, one of which has the header ``label``.

    Args:
        content: the content.
        name: name of the file, for error messages.

    Raises:
        ModelError: the content has another form.
    """
    header, *lines = content.replace("\r\n", "\n").split("\n")
    try:
        column = header.split("\t").index("label")
        pairs = [line.split("\t") for line in lines if line.strip()]
        examples = [Example(pair[1 - column].strip(), int(pair[column])) for pair in pairs]
    except (ValueError, IndexError) as error:
        raise ModelError(f"{name} has no tab-separated columns with a label in one of two: {error}") from None
    if not examples or {example.label for example in examples} - {0, 1}:
        raise ModelError(f"{name} holds no examples with the labels 0 and 1")
    return examples


def load_data(folder: Path | None) -> tuple[list[Example], list[Example]]:
    """Return the training and the dev examples from ``train.tsv`` and ``dev.tsv`` in a folder, or from GLUE's server.

    Raises:
        ModelError: a file is missing, or the server cannot be reached.
    """
    if folder is not None:
        return read_tsv(folder / "train.tsv"), read_tsv(folder / "dev.tsv")
    try:
        with urlopen(_GLUE, timeout=_TIMEOUT_SECONDS) as response:
            archive = ZipFile(BytesIO(response.read()))
    except (OSError, BadZipFile) as error:
        raise ModelError(f"SST-2 cannot be fetched from {_GLUE} ({error}); name a folder with --data") from None
    train, dev = (archive.read(f"SST-2/{part}.tsv").decode("utf-8") for part in ("train", "dev"))
    return parse_tsv(train, "train.tsv"), parse_tsv(dev, "dev.tsv")


def hold_out(examples: Sequence[Example], size: int, rng: random.Random) -> tuple[list[Example], list[Example]]:
    """Take whole sentences out of the examples, and remove their fragments from the rest.

    A fragment has the same label as its sentence, so the model would learn the label of a held-out sentence.

    Returns:
        The remaining examples, and at most `size` held-out sentences.

    Raises:
        ModelError: there is no whole sentence.
    """
    sentences = _whole_sentences(examples)
    if not sentences:
        raise ModelError(
            f"no training text of at least {_SENTENCE_WORDS} words is part of no other: "
            "there is none to hold out and choose the best epoch by"
        )
    held_out = rng.sample(sentences, min(size, len(sentences)))
    held_set = set(held_out)
    haystack = "\n".join(example.text for example in held_out)
    rest = [
        example
        for example in examples
        if example not in held_set and not (len(example.text.split()) >= _FRAGMENT_WORDS and example.text in haystack)
    ]
    return rest, held_out


def _whole_sentences(examples: Sequence[Example]) -> list[Example]:
    """Return the long phrases that are not part of another phrase."""
    containing: dict[tuple[str, ...], set[str]] = {}
    for example in examples:
        words = example.text.split()
        for start in range(len(words) - _INDEXED_WORDS + 1):
            containing.setdefault(tuple(words[start : start + _INDEXED_WORDS]), set()).add(example.text)
    whole = []
    for example in examples:
        words = example.text.split()
        if len(words) >= _SENTENCE_WORDS:
            others = containing[tuple(words[:_INDEXED_WORDS])] - {example.text}
            if not any(example.text in other for other in others):
                whole.append(example)
    return whole
