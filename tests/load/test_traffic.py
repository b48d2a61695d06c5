"""Modules with tests of their own under Node, and the lengths of the texts in tokens."""

import json
import statistics

import pytest
from tokenizers import Tokenizer

from load.run.scripts import SCRIPTS
from shared.process.settings import Settings
from tests.load.running import HERE, run_node
from worker.engines.manifest import model_dir


@pytest.mark.parametrize("name", ["traffic", "cache_status"])
def test_its_own_tests_under_node(name: str) -> None:
    done = run_node("--test", HERE / f"{name}.test.js")
    assert done.returncode == 0, done.stdout + done.stderr


def test_texts_have_as_many_tokens_as_those_of_sst2() -> None:
    """SST-2's development sentences have 25.5 wordpieces on average, with a standard deviation of 10.7."""
    module = (SCRIPTS.parent / "traffic/index.js").as_uri()
    program = (
        f"import {{ traffic }} from '{module}';"
        "const stream = traffic('cold', { seed: 1, salt: 'k3x9' });"
        "console.log(JSON.stringify(Array.from({ length: 2000 }, () => JSON.parse(stream.next().body).text)));"
    )
    texts = json.loads(run_node("--input-type=module", "--eval", program).stdout)
    tokenizer = Tokenizer.from_file(str(model_dir(Settings()) / "tokenizer.json"))
    lengths = [len(tokenizer.encode(text).ids) for text in texts]
    assert 23 < statistics.mean(lengths) < 29
    assert 7 < statistics.pstdev(lengths) < 13
    assert min(lengths) < 16
    assert max(lengths) > 50
