import json
import logging
from collections.abc import Iterator

import pytest

from shared.process.choices import LogFormat
from shared.process.logs import configure_logging, request_id


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_json_lines_name_the_request(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LogFormat.JSON, "INFO")
    token = request_id.set("abc")
    logging.getLogger("some.part").info("done", extra={"texts": 3})
    request_id.reset(token)
    line = json.loads(capsys.readouterr().out)
    assert line["message"] == "done"
    assert (line["logger"], line["level"], line["request_id"], line["texts"]) == ("some.part", "INFO", "abc", 3)
    assert line["time"]


def test_text_lines_show_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LogFormat.TEXT, "INFO")
    logging.getLogger("some.part").warning("done", extra={"texts": 3})
    assert capsys.readouterr().out.rstrip().endswith("WARNING some.part: done texts=3")


def test_an_event_is_one_line_of_json_whatever_it_holds(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LogFormat.JSON, "INFO")
    logging.getLogger("x").info("two\nlines", extra={"path": "/\r\n{}"})
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_the_level_is_a_floor(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LogFormat.JSON, "WARNING")
    logging.getLogger("x").info("quiet")
    assert not capsys.readouterr().out
