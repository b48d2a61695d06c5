"""``sentiment model``, and a service that has no model yet."""

import json
from pathlib import Path

from tests.client.answers import fields_of
from tests.support.command import Command
from tests.support.service import Service


def test_the_card(sentiment: Command, shared_service: Service) -> None:
    said = sentiment("model")
    assert (said.returncode, said.stderr) == (0, "")
    lines = dict(line.split(maxsplit=1) for line in said.stdout.splitlines() if not line.startswith(" "))
    assert lines["labels"].split()[0] == "NEGATIVE"
    assert lines["version"] == shared_service.active_version()
    assert lines["engines"] == "steered by-files in 2"
    card = json.loads(sentiment("model", "--json").stdout)
    assert (card["labels"], card["version"]) == (["NEGATIVE", "POSITIVE"], shared_service.active_version())


def test_a_file_waits_for_the_first_worker(service: Service, tmp_path: Path) -> None:
    sentiment = Command(service.start_api().url, tmp_path)
    (tmp_path / "in.txt").write_text("one\n")
    none = sentiment("model")
    assert (none.returncode, none.stderr) == (4, "Error: no worker has announced a model yet\n")
    impatient = sentiment("file", "in.txt", "--patience", "0.1")
    assert impatient.returncode == 4
    assert impatient.stderr.splitlines()[-1] == "Error: no worker has announced a model yet"
    process = sentiment.start("file", "in.txt")
    assert process.stderr is not None
    assert process.stderr.readline() == b"Waiting for a worker that announces a model.\n"
    service.start_worker()
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out.decode()) == (0, f"text,label,score\none,{','.join(fields_of('one'))}\n")
