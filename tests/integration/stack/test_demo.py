"""The demonstration before models with labels of their own."""

import asyncio
import io
from typing import Any

import pytest

from shared.stack.demo import Demo
from shared.stack.layout import Layout
from tests.support.models import write_model
from tests.support.service import Service

FEELINGS = ("joy", "anger", "fear", 'a "long" label that is much longer than the column of the table')


@pytest.mark.parametrize("facts", [{}, {"task": "multi-label", "threshold": 0.6}], ids=["one label", "several"])
def test_labels_of_another_model_are_shown_and_not_judged(service: Service, facts: dict[str, Any]) -> None:
    service.start_worker(model_dir=str(write_model(service.folder / "feelings", 2, FEELINGS, **facts)))
    shown = demonstrate(service)
    assert "Whether its label fits is yours to judge" in shown
    assert "joy" in shown


def test_labels_of_the_default_are_judged(service: Service) -> None:
    service.start_worker()
    shown = demonstrate(service)
    assert "' is negative" in shown or "' is positive" in shown, "the engine's answers are random"


def test_words_of_another_language_are_not_judged(service: Service) -> None:
    folder = write_model(service.folder / "german", 2, ("POSITIVE", "NEGATIVE"), languages=("de",))
    service.start_worker(model_dir=str(folder))
    assert "Whether its label fits is yours to judge" in demonstrate(service)


def demonstrate(service: Service) -> str:
    """Run the demonstration, and return its output."""
    output = io.StringIO()
    asyncio.run(Demo(output).show(Layout((), service.start_api().url, "", "", "")))
    return output.getvalue()
