from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.security.client import address_of


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, ["1.1.1.1"], "9.9.9.9"),
        (1, ["1.1.1.1"], "1.1.1.1"),
        (1, ["6.6.6.6, 1.1.1.1"], "1.1.1.1"),
        (2, ["6.6.6.6, 1.1.1.1", "2.2.2.2"], "1.1.1.1"),
        (2, ["1.1.1.1"], "9.9.9.9"),
        (1, [], "9.9.9.9"),
        (1, [" , "], "9.9.9.9"),
    ],
)
def test_only_what_our_own_proxies_wrote_is_believed(proxies: int, forwarded: list[str], expected: str) -> None:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    assert address_of({"client": ("9.9.9.9", 1), "headers": headers}, proxies, 64) == expected


def test_a_socket_without_an_address() -> None:
    assert address_of({"client": None, "headers": []}, 0, 64) == ""


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:1001", "203.0.113.7"),
        ("[2001:db8::1]:443", "2001:db8::/64"),
        ("[2001:db8::1]", "2001:db8::/64"),
        ("2001:DB8::2", "2001:db8::/64"),
        ("2001:db8:0:0:ffff:ffff:ffff:ffff", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("[::ffff:203.0.113.7]:9", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "9.9.9.9"),
        ("_hidden", "9.9.9.9"),
        ("203.0.113.7.8", "9.9.9.9"),
        ("0x7f000001", "9.9.9.9"),
        ("1", "9.9.9.9"),
        ("a" * 5000, "9.9.9.9"),
        ("", "9.9.9.9"),
        ("J\u00fcrgen", "9.9.9.9"),
        ("\u0661.2.3.4", "9.9.9.9"),
        ("203.0.113.7 \r sentiment:quota", "9.9.9.9"),
    ],
)
def test_one_address_is_one_client_and_nonsense_is_the_peer(forwarded: str, expected: str) -> None:
    headers = [(b"x-forwarded-for", forwarded.encode())]
    assert address_of({"client": ("9.9.9.9", 1), "headers": headers}, 1, 64) == expected


@pytest.mark.parametrize(
    ("prefix", "expected"), [(32, "2001:db8::/32"), (56, "2001:db8:1:100::/56"), (128, "2001:db8:1:1ff::1/128")]
)
def test_a_setting_says_how_much_of_an_address_is_a_household(prefix: int, expected: str) -> None:
    assert address_of({"client": ("2001:db8:1:1ff::1", 1), "headers": []}, 0, prefix) == expected


@given(st.binary(max_size=100))
def test_whatever_stands_there_the_client_is_an_address(value: bytes) -> None:
    client = address_of({"client": ("9.9.9.9", 1), "headers": [(b"x-forwarded-for", value)]}, 1, 64)
    assert ip_network(client)
