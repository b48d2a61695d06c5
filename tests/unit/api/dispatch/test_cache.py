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


def test_large_records_take_the_place_of_several() -> None:
    cache = LocalCache(4)
    for name in "abcd":
        cache.put(name, Record(b"[%s]" % (b"1" * 900)))
    assert [name for name in "abcd" if cache.get(name)] == ["c", "d"]
    cache.put("d", ONE)
    cache.put("e", THREE)
    assert [name for name in "cde" if cache.get(name)] == ["c", "d", "e"]
