import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kombu.utils.url import parse_url as kombu_url
from redis.connection import parse_url as redis_url

from shared.broker.connect import Server
from shared.broker.url import RedisUrl, Sentinels

entries = st.text(st.characters(exclude_categories=["Cs"]))
HOSTS = st.sampled_from(["localhost", "127.0.0.1", "::1", "redis-master.ns.svc.cluster.local"])


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("redis://host", RedisUrl("host")),
        ("redis://host/", RedisUrl("host")),
        ("redis://host:1/2", RedisUrl("host", 1, 2)),
        ("redis://host?db=2", RedisUrl("host", db=2)),
        ("redis://host/2?db=2", RedisUrl("host", db=2)),
        ("REDISS://:p@Host:6380/0", RedisUrl("host", 6380, password="p", tls=True)),
        ("redis://ann:p%40s%2Fs%23%25@host/0", RedisUrl("host", user="ann", password="p@s/s#%")),
        ("redis://:a@b@host", RedisUrl("host", password="a@b")),
        ("redis://ann@host", RedisUrl("host", user="ann")),
        ("valkey://ann:p@host:7000/2", RedisUrl("host", 7000, 2, "ann", "p")),
        ("valkeys://:p@host", RedisUrl("host", password="p", tls=True)),
        ("redis://[::1]:7000/0", RedisUrl("::1", 7000)),
        ("  redis://host/0\n", RedisUrl("host")),
        ("redis+sentinel://A/2?master=M", RedisUrl("a", 26379, 2, sentinels=Sentinels((("a", 26379),), "M"))),
        (
            "rediss+sentinel://ann:p%40@[::1]:7000,b?db=1&master=m&sentinel_user=bob&sentinel_password=s+%26",
            RedisUrl("::1", 7000, 1, "ann", "p@", True, Sentinels((("::1", 7000), ("b", 26379)), "m", "bob", "s+&")),
        ),
    ],
)
def test_urls_that_every_part_understands(text: str, url: RedisUrl) -> None:
    assert RedisUrl.parse(text) == url


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must begin with"),
        ("hush", "must begin with"),
        ("hush://hush", "must begin with"),
        ("sentinel://:hush@a;sentinel://b", "must begin with"),
        ("redis+sentinel://:hush@host", "names no primary"),
        ("redis+sentinel://:hush@host?master=", "names no primary"),
        ("redis+sentinel://:hush@host?master=m&master=m", "twice"),
        ("redis+sentinel://:hush@a,b,a:26379?master=m", "a Sentinel twice"),
        ("redis+sentinel://:hush@a,?master=m", "names no host"),
        ("redis+sentinel://:hush@a,b:0?master=m", "a port"),
        ("redis+sentinel://:hush@a:hush,b?master=m", "a port"),
        ("redis+sentinel://:hush@a/hush?master=m", "not a number"),
        ("redis+sentinel://a?master=m&sentinel_password=p@hush", "%3F"),
        ("redis+sentinel://a?master=m&password=hush", "'password'"),
        ("redis+sentinel+sentinel://:hush@a?master=m", "must begin with"),
        ("redis://:hush@a,b:1", "redis+sentinel://"),
        ("redis://:hush@a?master=m", "only redis+sentinel://"),
        ("redis://:hush@a?sentinel_password=hush", "only redis+sentinel://"),
        ("unix:///hush.sock", "must begin with"),
        ("redis://", "names no host"),
        ("redis://:hush@/0", "names no host"),
        ("redis://:hush@host:0/0", "a port"),
        ("redis://:hush@host:65536/0", "a port"),
        ("redis://:hush@host:hush/0", "a port"),
        ("redis://:hush/hush@host/0", "%2F"),
        ("redis://:hush?hush=x@host/0", "%3F"),
        ("redis://user:1?hush=x@host/0", "%3F"),
        ("redis://user:1#hush@host/0", "%23"),
        ("redis://user:1/hush@host/0", "%2F"),
        ("redis://:[hush@host/0", "%5B"),
        ("redis://:hush%ff@host/0", "not UTF-8"),
        ("redis://:hu sh@host/0", "a space"),
        ("redis://:hush@host/0\nredis://b", "a space or a control character"),
        ("redis://:hush@host/hush", "not a number"),
        ("redis://:hush@host/0/", "not a number"),
        ("redis://:hush@host/-1", "not a number"),
        ("redis://:hush@host/\u0661", "not a number"),
        ("redis://:hush@host/?db=", "not a number"),
        ("redis://:hush@host/1?db=2", "more than one database"),
        ("redis://:hush@host?db=1&db=2", "more than one database"),
        ("rediss://:hush@host?ssl_cert_reqs=none", "'ssl_cert_reqs'"),
        ("rediss://:hush@host?ssl_cert_reqs=CERT_REQUIRED", "'ssl_cert_reqs'"),
        ("rediss://:hush@host?ssl_check_hostname=false", "certificates are always verified"),
        ("redis://host?password=hush", "'password'"),
        ("redis://:hush@host?socket_timeout=1", "'socket_timeout'"),
        ("redis://:hush@host?protocol=3", "'protocol'"),
        ("redis://:hush@host?decode_responses", "'decode_responses'"),
    ],
)
def test_what_no_part_must_guess_is_refused_without_quoting_a_secret(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as caught:
        RedisUrl.parse(text)
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for head in ("", "redis://"):
        with suppress(ValueError):
            RedisUrl.parse(head + text)


@given(HOSTS, st.integers(1, 65535), st.integers(0, 15), entries, entries, st.booleans())
def test_the_full_form_is_read_alike_by_all_who_read_it(
    host: str, port: int, db: int, user: str, password: str, tls: bool
) -> None:
    url = RedisUrl(host, port, db, user, password, tls)
    assert RedisUrl.parse(str(url)) == url
    entry = {"username": user, "password": password}
    told: dict[str, Any] = redis_url(str(url))  # type: ignore[no-untyped-call]
    told.pop("connection_class", None)
    assert told == {"host": host, "port": port, "db": db} | {name: value for name, value in entry.items() if value}
    parts = kombu_url(str(url))
    assert (parts["hostname"], parts["port"], int(parts["virtual_host"])) == (host, port, db)
    assert (parts["userid"] or "", parts["password"] or "") == (user, password)


@given(st.lists(st.tuples(HOSTS, st.integers(1, 65535)), min_size=1, unique=True), entries, entries, entries)
def test_the_full_form_of_sentinels_is_read_again(
    addresses: list[tuple[str, int]], master: str, user: str, password: str
) -> None:
    url = RedisUrl(
        *addresses[0], 3, user, password, sentinels=Sentinels(tuple(addresses), master or "m", user, password)
    )
    assert RedisUrl.parse(str(url)) == url
    assert url.addresses == tuple(addresses)


@pytest.mark.parametrize("text", ["redis://:hush@host", "redis+sentinel://:hush@a,b?master=m&sentinel_password=hush"])
def test_no_password_in_a_repr(text: str) -> None:
    assert "hush" not in repr(Server(RedisUrl.parse(text)))
