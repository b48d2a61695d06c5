from api.dispatch.cache import LocalCache


def test_the_least_recently_used_entry_goes_first() -> None:
    cache = LocalCache(2)
    cache.put("a", b"1")
    cache.put("b", b"2")
    assert cache.get("a") == b"1"
    cache.put("c", b"3")
    assert cache.get("b") is None
    assert (cache.get("a"), cache.get("c"), len(cache)) == (b"1", b"3", 2)
