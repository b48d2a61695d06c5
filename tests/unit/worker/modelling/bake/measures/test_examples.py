"""Labelled texts for measuring."""

from pathlib import Path

import pytest

from shared.contract.errors import ModelError
from worker.engines.facts import Task
from worker.modelling.bake.measures.examples import Labelled, read_examples

LABELS = ("joy", "anger", "2")


def read(folder: Path, content: str, task: Task = "single-label") -> list[Labelled]:
    (folder / "dev.tsv").write_text(content, "utf-8")
    return read_examples(folder, LABELS, task)


def labelled(text: str, *labels: int) -> Labelled:
    return Labelled(text, frozenset(labels))


def test_labels_are_names_or_numbers(tmp_path: Path) -> None:
    assert read(tmp_path, "label\tsentence\njoy\tgood\n2\t so so \r\n\n") == [labelled("good", 0), labelled("so so", 2)]
    assert read(tmp_path, "text\tlabel\ngood\t0\nbad\t1\n") == [labelled("good", 0), labelled("bad", 1)]


def test_a_text_of_a_multi_label_file_has_any_number_of_labels(tmp_path: Path) -> None:
    rows = read(tmp_path, "label\ttext\njoy|anger\tmixed\n\tnothing\n 2 \todd\n", "multi-label")
    assert rows == [labelled("mixed", 0, 1), labelled("nothing"), labelled("odd", 2)]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "no tab-separated columns with a label"),
        ("label\ttext\n", "holds no examples"),
        ("label\ttext\nfear\toh\n", "a label that the model does not have: 'fear'"),
        ("label\ttext\n3\toh\n", "a label that the model does not have: '3'"),
        ("label\ttext\njoy|anger\toh\n", r"does not have: 'joy\|anger'"),
        ("label\ttext\n0\toh\njoy\tah\n", "does not have: '0'"),
        ("label\ttext\njoy\n", "list index out of range"),
    ],
)
def test_another_form_is_one_clear_sentence(tmp_path: Path, content: str, told: str) -> None:
    with pytest.raises(ModelError, match=told):
        read(tmp_path, content)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"dev\.tsv cannot be read: No such file"):
        read_examples(tmp_path, LABELS, "single-label")
