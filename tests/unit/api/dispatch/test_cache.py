from api.dispatch.cache import LocalCache
from shared.contract.record import Record

ONE, THREE = Record(b"[1]"), Record(b"[3]")


def test_the_least_recently_used_entry_goes_first() -> None:
    cache = LocalCache(2)
    cache.put("a", ONE)
    cache.put("b", Record(b"[2]"))
    assert cache.get("a") == ONE
    cache.put("c", THREE)
    assert cache.get("b") is None
    assert (cache.get("a"), cache.get("c"), len(cache)) == (ONE, THREE, 2)
