"""The client's version, which is the product's, and which services it fits."""

from typing import Final

VERSION: Final = "0.1.0"


def fits(service: str) -> bool:
    """Whether a service of this version keeps the contract that this client was written for.

    Before 1.0 a new minor version may change it, from then on a new major one.
    """
    return _contract(service) == _contract(VERSION)


def _contract(version: str) -> list[str]:
    major, _, rest = version.partition(".")
    return [major, rest.partition(".")[0]] if major == "0" else [major]
