"""The table of prediction kinds: one entry for each protocol, which has its kinds.

Routes, the direct way, statistics and the OpenAPI description read this table; no other module has the paths.
"""

from collections.abc import Callable, Iterable
from typing import Final

from api.errors.shapes import ErrorShape
from api.protocols.classify import infinity, vllm
from api.protocols.huggingface import hugging_face, tei
from api.protocols.instances import invocations, kserve
from api.protocols.kind import ClientProtocol, Kind
from api.protocols.open_inference import open_inference
from api.protocols.own import own_protocol
from shared.process.choices import ClientProtocolName
from shared.process.settings import Settings

_OTHERS: Final[dict[ClientProtocolName, Callable[[Settings], ClientProtocol]]] = {
    ClientProtocolName.HUGGING_FACE: hugging_face,
    ClientProtocolName.TEI: tei,
    ClientProtocolName.OPEN_INFERENCE: open_inference,
    ClientProtocolName.KSERVE: kserve,
    ClientProtocolName.INVOCATIONS: invocations,
    ClientProtocolName.VLLM: vllm,
    ClientProtocolName.INFINITY: infinity,
}
"""The protocols that a setting turns on, by their names there."""


def protocols_of(settings: Settings) -> tuple[ClientProtocol, ...]:
    """Return the protocols of this service, within the limits of its settings."""
    return (own_protocol(settings), *(_OTHERS[name](settings) for name in settings.protocols))


def kinds_of(spoken: Iterable[ClientProtocol]) -> tuple[Kind, ...]:
    """Return the prediction kinds of protocols."""
    return tuple(kind for protocol in spoken for kind in protocol.kinds)


def shapes_of(spoken: Iterable[ClientProtocol]) -> tuple[ErrorShape, ...]:
    """Return the forms of errors that differ from problem documents."""
    return tuple(protocol.errors for protocol in spoken if protocol.errors is not None)


def health_paths(spoken: Iterable[ClientProtocol]) -> tuple[str, ...]:
    """Return the paths of the protocols' health checks."""
    return tuple(page.path for protocol in spoken for page in protocol.pages if page.health)
