"""The version of the client, which is that of the product, and its comparison with a service's version."""

from typing import Final

VERSION: Final = "0.1.0"


def fits(service: str) -> bool:
    """Whether a service of some version has the same contract as this client.

    Before 1.0 each minor version has another contract, from 1.0 on each major version.
    """
    return _contract(service) == _contract(VERSION)


def _contract(version: str) -> list[str]:
    major, _, rest = version.partition(".")
    return [major, rest.partition(".")[0]] if major == "0" else [major]
