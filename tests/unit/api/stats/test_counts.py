from api.metrics.tallies import Tallies
from api.stats.counts import SUM_COUNT, SUMS, Increases, hit_buckets, miss_buckets


def test_only_requests_with_a_deadline_count_and_each_once() -> None:
    tallies = Tallies()
    increases = Increases(tallies, ["/lab/predict", "/lab/bulk-predict"])
    tallies.request("POST", "/lab/predict", 200, "hit", 0.0002)
    tallies.request("POST", "/lab/bulk-predict", 200, "hit", 0.0002)
    tallies.request("POST", "/lab/predict", 200, "miss", 0.02)
    for status in (503, 504, 500, 422, 0):
        tallies.request("POST", "/lab/predict", status, "none", 0.001)
    for route in ("/lab/jobs", "/lab/stats", "/metrics", "none"):
        tallies.request("GET", route, 503, "none", 0.001)
    tallies.lookups.update({"held": 5, "found": 4, "missed": 3})
    tallies.claims.update({"claimed": 1, "coalesced": 1, "answered": 1})
    first = increases.take()
    assert dict(zip(SUMS, first, strict=False)) == {
        "processes": 1, "requests": 8, "hits": 2, "misses": 1, "unavailable": 1, "late": 1, "failed": 1, "rejected": 1,
        "memory": 5, "redis": 4, "shared": 2, "computed": 1,
    }  # fmt: skip
    assert (sum(hit_buckets(first)), sum(miss_buckets(first))) == (2, 1)
    assert increases.take() == [1] + [0] * (SUM_COUNT - 1)
    tallies.request("POST", "/lab/predict", 200, "hit", 0.0002)
    assert increases.take()[1:4] == [1, 1, 0]
