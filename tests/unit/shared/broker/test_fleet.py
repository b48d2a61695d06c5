import json

from shared.broker.fleet import LIVE_MS, PROVEN_MS, Fleet


def entry(beat: int, inferred: int, rate: float = 100.0) -> bytes:
    return json.dumps({"version": "v", "built": 1, "beat": beat, "inferred": inferred, "rate": rate}).encode()


def test_silent_workers_are_not_counted_on() -> None:
    now = 1_000_000
    fleet = Fleet.parse([now, b"v", [b"a", entry(now, now), b"b", entry(now - LIVE_MS - 1, now)]])
    assert [worker.id for worker in fleet.processes] == ["a"]
    assert fleet.rate() == 100.0


def test_a_fleet_is_proven_by_a_recent_inference_of_a_live_worker() -> None:
    now = 1_000_000
    assert Fleet.parse([now, b"v", [b"a", entry(now, now - PROVEN_MS)]]).proven
    assert not Fleet.parse([now, b"v", [b"a", entry(now, now - PROVEN_MS - 1)]]).proven
    assert not Fleet.parse([now, b"v", [b"a", entry(now - LIVE_MS - 1, now)]]).proven


def test_a_later_builds_worker_is_understood() -> None:
    told = json.loads(entry(5, 5)) | {"busy": {"bulk": 0.5}, "mood": "good"}
    (worker,) = Fleet.parse([5, b"v", [b"a", json.dumps(told).encode()]]).processes
    assert worker.busy == {"bulk": 0.5}


def test_engines_are_counted_and_a_beat_of_an_earlier_release_names_none() -> None:
    told = [("native", "avx-9"), ("onnx", "u8s8"), ("onnx", "u8s8")]
    entries = [
        json.dumps(json.loads(entry(5, 5)) | {"engine": engine, "variant": variant}).encode()
        for engine, variant in told
    ]
    fleet = Fleet.parse([5, b"v", [b"a", entries[0], b"b", entries[1], b"c", entries[2], b"d", entry(5, 5)]])
    assert list(fleet.engines.items()) == [(("onnx", "u8s8"), 2), (("native", "avx-9"), 1)]
    assert fleet.processes[3].engine == ""


def test_labels_are_those_of_the_active_version() -> None:
    entries = [b"a", _labelled("v", "down", "up"), b"b", _labelled("w", "cold", "warm")]
    assert Fleet.parse([5, b"v", entries]).labels == ("down", "up")
    assert Fleet.parse([5, b"w", entries]).labels == ("cold", "warm")


def test_a_worker_that_names_no_labels_has_the_usual_ones() -> None:
    assert Fleet.parse([5, b"v", [b"a", entry(5, 5)]]).labels == ("NEGATIVE", "POSITIVE")


def test_labels_are_those_of_the_active_versions_live_workers() -> None:
    entries = [b"a", _labelled("other", "x", "y"), b"b", _labelled("v", "down", "up")]
    assert Fleet.parse([5, b"v", entries]).labels == ("down", "up")
    assert Fleet.parse([LIVE_MS + 6, b"v", entries]).labels == ()


def _labelled(version: str, *labels: str) -> bytes:
    return json.dumps(json.loads(entry(5, 5)) | {"version": version, "labels": labels}).encode()


def test_nobody_there() -> None:
    fleet = Fleet.parse([5, b"", []])
    assert (fleet.active, fleet.processes, fleet.rate(), fleet.proven) == ("", (), 0, False)
