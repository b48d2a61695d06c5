"""Whose request it is, where nobody says so."""

from starlette.types import Scope


def address_of(scope: Scope, trusted_proxies: int) -> str:
    """Return the client's address.

    Args:
        scope: the request's.
        trusted_proxies: how many proxies of ours stand in front and add to ``X-Forwarded-For``; what is further left
            in that header was written by the client and is not believed.
    """
    peer = scope["client"][0] if scope.get("client") else ""
    if not trusted_proxies:
        return str(peer)
    values = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    hops = [hop.strip() for value in values for hop in value.decode("latin-1").split(",") if hop.strip()]
    return hops[-trusted_proxies] if len(hops) >= trusted_proxies else str(peer)
