"""The address that identifies a client without a key."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.types import Scope

_LONGEST = 64
"""Most characters of an address, with brackets, zone and port."""


def address_of(scope: Scope, trusted_proxies: int, ipv6_prefix: int) -> str:
    """Return the client's address; of an IPv6 address its network, because one household has a whole network.

    Args:
        scope: ASGI scope of the request.
        trusted_proxies: number of own proxies that add to ``X-Forwarded-For``; entries further left in that header
            come from the client and are ignored.
        ipv6_prefix: leading bits of an IPv6 address that identify a client.
    """
    peer = str(scope["client"][0]) if scope.get("client") else ""
    given = _forwarded(scope, trusted_proxies) if trusted_proxies else None
    address = given or _parse(peer)
    if address is None:
        return ""  # a peer on a Unix socket has no address
    if isinstance(address, IPv6Address):
        return str(ip_network((address, ipv6_prefix), strict=False))
    return str(address)


def _forwarded(scope: Scope, trusted_proxies: int) -> IPv4Address | IPv6Address | None:
    """Return the address that the outermost trusted proxy has added; None if there is none, or it is not valid."""
    values = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    hops = b",".join(values).decode("latin-1").split(",")[-trusted_proxies:]
    return _parse(hops[0].strip()) if len(hops) == trusted_proxies else None


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address, with or without a port: ``203.0.113.7:1001``, ``[2001:db8::1]:443``, ``fe80::1%eth0``."""
    if len(text) > _LONGEST:
        return None
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
