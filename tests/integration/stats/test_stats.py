"""`/stats` of running processes."""

import time
from typing import Any

from api.stats.counts import COUNT, SLOTS, STEP_MS
from tests.support.jobs import submit
from tests.support.service import Api, Service
from tests.support.waiting import wait_for

STATS = "/project/stats"


def read(api: Api, after: int = 0, headers: dict[str, str] | None = None) -> dict[str, Any]:
    response = api.client.get(STATS, params={"after": after}, headers=headers)
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    return document


def summed(document: dict[str, Any]) -> dict[str, float]:
    """Add up the points' columns."""
    return {name: sum(row[index] or 0 for row in document["points"]) for index, name in enumerate(document["columns"])}


def test_processes_are_summed_and_a_dead_one_drops_out_of_what_is_live(service: Service) -> None:
    service.start_worker()
    first, second = service.start_api(), service.start_api()
    for _ in range(3):
        assert first.predict("a").is_success
    with service.cache.client() as cache:
        wait_for(lambda: cache.keys(service.keys.answer("*")), "the answer to be stored")
    assert second.predict("a").is_success
    assert second.client.post("/project/predict", json={}).status_code == 422
    service.hold()
    assert second.predict("never in time").status_code == 504
    service.release()
    wait_for(lambda: summed(read(first))["requests"] == 6, "both to have published")
    sums = summed(read(first))
    assert (sums["hits"], sums["misses"], sums["late"], sums["rejected"]) == (3, 1, 1, 1)
    assert (sums["memory"], sums["redis"], sums["computed"]) == (2, 1, 2)
    assert summed(read(second))["requests"] == 6, "whoever is asked says the same"
    wait_for(lambda: read(first)["processes"] == 2, "both to be live")
    second.process.kill()
    wait_for(lambda: read(first)["processes"] == 1, "the dead one to drop out")
    document = read(first)
    assert summed(document)["requests"] == 6, "what it has counted stays"
    newest = document["points"][-1][0]
    assert read(first, newest - 1)["points"][0][0] == newest
    assert document["minute"]["requests"] == 6
    assert document["minute"]["miss"]["p50"] > 0


def test_what_is_live_is_told_by_lane_and_worker(service: Service) -> None:
    service.start_worker()
    api = service.start_api(flower_url="https://flower.example/")
    service.hold()
    for i in range(5):
        submit(api, [f"text {i}"])
    wait_for(lambda: read(api)["lanes"]["bulk"]["items"] == 3, "two jobs to run")
    document = read(api)
    assert document["jobs"] == 5
    assert document["lanes"]["bulk"]["oldest"] > 0
    assert document["lanes"]["interactive"]["workers"] == 2
    assert {tuple(worker["lanes"]) for worker in document["workers"]} == {("interactive", "bulk")}
    assert {worker["version"] for worker in document["workers"]} == {document["active"]}
    assert {(worker["engine"], worker["variant"]) for worker in document["workers"]} == {("steered", "by-files")}
    assert document["flower"] == "https://flower.example/"
    assert document["redis"]["broker"]["up"]
    assert document["redis"]["cache"]["limit"] > document["redis"]["cache"]["memory"] > 0
    service.release()


def test_how_busy_a_worker_is(service: Service) -> None:
    service.start_worker(worker_processes="1")
    api = service.start_api()

    def busy() -> bool:
        api.predict(*(f"text {service.calls()} {i}" for i in range(50)))
        (worker,) = read(api)["workers"]
        return bool(worker["busy"]["interactive"] > 0)

    wait_for(busy, "the worker to say that it works")
    wait_for(lambda: read(api)["workers"][0]["busy"] == {"interactive": 0, "bulk": 0}, "it to be idle")


def test_without_the_broker_what_it_knows_is_left_out(service: Service) -> None:
    service.start_worker()
    api = service.start_api()
    service.broker.stop()
    wait_for(lambda: not read(api)["redis"]["broker"]["up"], "the loss to be seen")
    wait_for(lambda: read(api)["lanes"] is None, "the lanes to be left out")
    wait_for(lambda: read(api)["points"][-1:] and read(api)["points"][-1][-1] is None, "it to be unknown")
    document = read(api)
    assert document["workers"] is None
    assert document["redis"]["cache"]["up"]


def test_what_is_counted_while_the_cache_is_away_is_added_later(service: Service) -> None:
    service.start_worker()
    api = service.start_api()
    wait_for(lambda: read(api)["points"], "the first point")
    service.cache.stop()
    assert api.predict("a").is_success
    assert api.predict("a").is_success
    wait_for(lambda: not read(api)["redis"]["cache"]["up"], "the loss to be seen")
    service.cache.start()
    wait_for(lambda: summed(read(api))["requests"] == 2, "the counts to arrive")


def test_a_key_is_asked_for_where_the_settings_say_so(service: Service) -> None:
    key = {"Authorization": "Bearer alice-key"}
    open_api = service.start_api(api_keys="alice-key")
    locked = service.start_api(api_keys="alice-key", protect_health="true")
    assert open_api.client.get(STATS).status_code == 200
    assert locked.client.get(STATS).status_code == 401
    assert read(locked, headers=key)["step"] == STEP_MS // 1000
    for api in (open_api, locked):
        assert api.client.get("/").status_code == 200, "the page itself holds nothing secret"
        document = api.client.get("/").text
        assert "alice-key" not in document
        assert api.client.get("/page/none/js/main.js").status_code == 404


def test_it_takes_nothing_from_a_quota(service: Service) -> None:
    service.start_worker()
    api = service.start_api(rate_limit="0.01", rate_burst="2")
    for _ in range(10):
        assert "ratelimit" not in api.client.get(STATS).headers
    assert api.client.get("/").status_code == 200
    assert [api.predict("a").status_code for _ in range(3)] == [200, 200, 429]


def test_a_parameter_that_is_none_is_refused(service: Service) -> None:
    api = service.start_api()
    for after in ("-1", "x", "1" * 12):
        assert api.client.get(STATS, params={"after": after}).status_code == 422


def test_a_thousand_readers_cost_redis_as_much_as_one(service: Service) -> None:
    api = service.start_api()
    slot = int(time.time() * 1000 // STEP_MS)
    with service.cache.client() as redis:
        for i in range(1, SLOTS):
            redis.hset(service.keys.stats, str((slot - i) % SLOTS), f"{slot - i} " + " ".join(["12345"] * COUNT))
        redis.expire(service.keys.stats, 3600)
    wait_for(lambda: len(read(api)["points"]) > SLOTS - 10, "the ring to be read")

    def commands() -> int:
        with service.broker.client() as broker, service.cache.client() as cache:
            return sum(int(client.info("stats")["total_commands_processed"]) for client in (broker, cache))

    before = commands()
    sizes = [len(api.client.get(STATS).content) for _ in range(1000)]
    asked = commands() - before
    assert asked < 1000, "far fewer than one for each"
    assert max(sizes) < 40_000
    newest = read(api)["points"][-1][0]
    assert len(api.client.get(STATS, params={"after": newest - 4}).content) < 4_000


def test_it_is_described(service: Service) -> None:
    api = service.start_api(api_keys="alice-key")
    operation = api.client.get("/openapi.json").json()["paths"][STATS]["get"]
    assert "security" not in operation
    assert read(api)["columns"][0] == "slot"
