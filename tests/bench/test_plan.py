import asyncio
import json
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from load.errors import BenchError
from load.generate.plan import Plan, make_plan, rewrite, texts, write_requests
from load.generate.records import Cache
from load.generate.words import text_of
from shared.process.settings import Settings
from worker.engines.manifest import model_dir

pytestmark = pytest.mark.usefixtures("node")

BASE = "http://127.0.0.1:1/project"


def planned(folder: Path, profile: str, clients: int = 2, count: int = 400) -> Plan:
    return asyncio.run(make_plan(folder, BASE, profile, seed=1, clients=clients, count=count, salt="ab"))


def test_misses_are_new_and_hits_are_in_the_warm_up(tmp_path: Path) -> None:
    plan = planned(tmp_path, "headline")
    warm = {call["body"] for call in json.loads((tmp_path / "warmup.json").read_text())}
    assert len(warm) == 20
    bodies = [body for client in range(plan.clients) for body in plan.bodies(client)]
    assert len(bodies) == 800
    fresh = [body for body in bodies if body not in warm]
    assert len(fresh) == len(set(fresh))
    assert 20 <= len(fresh) <= 60, "5 % of 800"


def test_what_is_expected_is_written_down(tmp_path: Path) -> None:
    plan = planned(tmp_path, "headline", clients=1)
    warm = {call["body"] for call in json.loads((tmp_path / "warmup.json").read_text())}
    entries = np.fromfile(tmp_path / "0.plan", "<u4").reshape(-1, 4)
    expected = [Cache.HIT if body in warm else Cache.MISS for body in plan.bodies()]
    assert entries[:, 2].tolist() == expected
    assert set(entries[:, 3]) == {1}


def test_requests_are_http(tmp_path: Path) -> None:
    planned(tmp_path, "cold", clients=1, count=1)
    head, _, body = (tmp_path / "0.requests").read_bytes().partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == b"POST /project/predict HTTP/1.1"
    assert f"Content-Length: {len(body)}".encode() in head
    assert json.loads(body).keys() == {"text"}


def test_texts_come_out_as_they_went_in(tmp_path: Path) -> None:
    written = ["café", "naïve — and long"]
    write_requests(tmp_path, BASE, [[json.dumps({"text": text}) for text in written]], Cache.MISS)
    assert texts(Plan(tmp_path, BASE, "own", seed=1, clients=1, count=2, salt="")) == written


def test_requests_of_another_interface_have_the_same_texts(tmp_path: Path) -> None:
    plan = planned(tmp_path, "cold", count=3)
    before = [texts(plan, client) for client in range(plan.clients)]
    rewrite(plan, "/classify", lambda text: {"input": [text]})
    assert [[json.loads(body)["input"] for body in plan.bodies(client)] for client in range(2)] == [
        [[text] for text in own] for own in before
    ]
    assert (tmp_path / "1.requests").read_bytes().startswith(b"POST /project/classify HTTP/1.1\r\n")


def test_an_unknown_profile_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match=r'requests.js failed: Error: no profile "nonsense"'):
        planned(tmp_path, "nonsense")


@pytest.mark.parametrize("tokens", [8, 25, 512])
def test_a_text_has_so_many_tokens(tokens: int) -> None:
    tokenizer = Tokenizer.from_file(str(model_dir(Settings()) / "tokenizer.json"))
    assert len(tokenizer.encode(text_of(tokens, np.random.default_rng(1))).ids) == tokens
