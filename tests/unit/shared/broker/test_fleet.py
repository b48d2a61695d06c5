import json

from shared.broker.fleet import LIVE_MS, PROVEN_MS, Fleet
from shared.contract.card import ModelCard


def entry(beat: int, inferred: int, rate: float = 100.0) -> bytes:
    return json.dumps({"version": "v", "built": 1, "beat": beat, "inferred": inferred, "rate": rate}).encode()


def test_silent_workers_are_not_counted_on() -> None:
    now = 1_000_000
    fleet = Fleet.parse([now, b"v", [b"a", entry(now, now), b"b", entry(now - LIVE_MS - 1, now)], b""])
    assert [worker.id for worker in fleet.processes] == ["a"]
    assert fleet.rate() == 100.0


def test_a_fleet_is_proven_by_a_recent_inference_of_a_live_worker() -> None:
    now = 1_000_000
    assert Fleet.parse([now, b"v", [b"a", entry(now, now - PROVEN_MS)], b""]).proven
    assert not Fleet.parse([now, b"v", [b"a", entry(now, now - PROVEN_MS - 1)], b""]).proven
    assert not Fleet.parse([now, b"v", [b"a", entry(now - LIVE_MS - 1, now)], b""]).proven


def test_a_later_builds_worker_is_understood() -> None:
    told = json.loads(entry(5, 5)) | {"busy": {"bulk": 0.5}, "mood": "good"}
    (worker,) = Fleet.parse([5, b"v", [b"a", json.dumps(told).encode()], b""]).processes
    assert worker.busy == {"bulk": 0.5}


def test_engines_are_counted_and_a_beat_of_an_earlier_release_names_none() -> None:
    told = [("native", "avx-9"), ("onnx", "u8s8"), ("onnx", "u8s8")]
    entries = [
        json.dumps(json.loads(entry(5, 5)) | {"engine": engine, "variant": variant}).encode()
        for engine, variant in told
    ]
    fleet = Fleet.parse([5, b"v", [b"a", entries[0], b"b", entries[1], b"c", entries[2], b"d", entry(5, 5)], b""])
    assert list(fleet.engines.items()) == [(("onnx", "u8s8"), 2), (("native", "avx-9"), 1)]
    assert fleet.processes[3].engine == ""


def test_a_worker_without_a_card_tells_the_labels_of_the_active_version() -> None:
    entries = [b"a", _labelled("v", "down", "up"), b"b", _labelled("w", "cold", "warm")]
    assert announced(b"v", entries) == ("v", ("down", "up"))
    assert announced(b"w", entries) == ("w", ("cold", "warm"))


def test_a_worker_that_names_no_labels_has_the_usual_ones() -> None:
    assert announced(b"v", [b"a", entry(5, 5)]) == ("v", ("NEGATIVE", "POSITIVE"))


def test_only_live_workers_of_the_active_version_tell_labels() -> None:
    entries = [b"a", _labelled("other", "x", "y"), b"b", _labelled("v", "down", "up")]
    assert announced(b"v", entries) == ("v", ("down", "up"))
    assert announced(b"v", entries, now=LIVE_MS + 6) is None
    assert announced(b"v", [b"a", _labelled("v")]) is None, "more than two are told by the card alone"


def test_a_stored_card_is_read_and_one_of_another_form_is_none() -> None:
    card = ModelCard(version="v", name="m", labels=("a", "b", "c"), task="multi-label")
    assert Fleet.parse([5, b"v", [], card.encode()]).card == card
    for data in (b"", b"{", b"{}", card.encode().replace(b"multi-label", b"ranking")):
        assert Fleet.parse([5, b"v", [], data]).card is None
    later = json.loads(card.encode()) | {"mood": "good"}
    assert Fleet.parse([5, b"v", [], json.dumps(later).encode()]).card == card


def announced(active: bytes, entries: list[bytes], now: int = 5) -> tuple[str, tuple[str, ...]] | None:
    card = Fleet.parse([now, active, entries, b""]).announced
    return (card.version, card.labels) if card else None


def _labelled(version: str, *labels: str) -> bytes:
    return json.dumps(json.loads(entry(5, 5)) | {"version": version, "labels": labels}).encode()


def test_nobody_there() -> None:
    fleet = Fleet.parse([5, b"", [], b""])
    assert (fleet.active, fleet.processes, fleet.rate(), fleet.proven) == ("", (), 0, False)
