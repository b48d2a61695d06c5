import json
import subprocess
from pathlib import Path

import pytest

from load.generate.records import Cache, between, of_class, read_records
from load.generate.tools import GENERATORS, node
from tests.bench.support import records


def run_js(script: str) -> str:
    """Run a module beside the generators' and return what it prints."""
    command = [node(), "--input-type=module", "--eval", script]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=GENERATORS).stdout


def test_the_files_of_all_clients_are_read_in_the_order_of_the_answers(tmp_path: Path) -> None:
    first = records((1.0, 10, 200, Cache.HIT), (4.0, 10, 200, Cache.HIT))
    second = records((2.0, 20, 200, Cache.MISS), (3.0, 30, 503, Cache.NONE))
    first.tofile(tmp_path / "0.records")
    second.tofile(tmp_path / "1.records")
    read = read_records(tmp_path.glob("*.records"))
    assert read["end_us"].tolist() == [1e6, 2e6, 3e6, 4e6]
    assert read["status"].tolist() == [200, 200, 503, 200]


def test_no_file_is_no_record() -> None:
    assert len(read_records([])) == 0


def test_a_window_holds_what_began_in_it() -> None:
    run = records((1.5, 600_000, 200, Cache.HIT), (1.5, 400_000, 200, Cache.HIT), (9.0, 7_500_000, 200, Cache.MISS))
    assert between(run, 1.0, 2.0)["latency_us"].tolist() == [400_000, 7_500_000]


def test_classes_are_told_apart() -> None:
    run = records((1, 1, 200, Cache.HIT), (1, 2, 200, Cache.MISS), (1, 3, 200, Cache.MIXED), (1, 4, 503, Cache.NONE))
    assert of_class(run, Cache.MISS)["latency_us"].tolist() == [2]


@pytest.mark.usefixtures("node")
def test_javascript_writes_what_python_reads(tmp_path: Path) -> None:
    file = tmp_path / "0.records"
    run_js(f"""
        import {{ writeFileSync }} from "node:fs";
        import {{ CACHE_CLASS, Records }} from "./records.js";
        const records = new Records(2);
        records.add(1234567890123.5, 321.4, 200, CACHE_CLASS.miss, CACHE_CLASS.hit);
        writeFileSync({json.dumps(str(file))}, records.bytes);
    """)
    (record,) = read_records([file])
    assert record.tolist() == (1234567890123.5, 321, 200, Cache.MISS, Cache.HIT)


@pytest.mark.parametrize(
    ("header", "seen"),
    [
        ("sentiment; hit", Cache.HIT),
        ('sentiment; fwd=miss; detail="hits=0 misses=1"', Cache.MISS),
        ('sentiment; fwd=miss; detail="hits=3 misses=5"', Cache.MIXED),
        ('sentiment; fwd=miss; detail="hits=10 misses=22"', Cache.MIXED),
        ("article; fwd=miss", Cache.MISS),
        ("", Cache.NONE),
    ],
)
@pytest.mark.usefixtures("node")
def test_cache_status(header: str, seen: Cache) -> None:
    script = f'import {{ cacheClass }} from "./records.js"; console.log(cacheClass({json.dumps(header)}))'
    assert int(run_js(script)) == seen
