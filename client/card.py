"""The card of a model: its labels, its bounds, and its measured quality."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from client.models import ServingEngine


@dataclass(frozen=True, slots=True)
class Measured:
    """The quality of a model on labelled data that it was not trained on."""

    data: str
    """Name of the data."""
    texts: int
    accuracy: float
    """Share of right answers, 0 to 1; in a multi-label model, of right decisions at the threshold."""
    fp32: float | None = None
    """The same of the weights before they were made smaller."""
    calibration_error: float | None = None
    """Expected calibration error (ECE), 0 to 1; None if it was not measured."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """The card of the active model; members that the service does not tell have the values below."""

    version: str = ""
    """Empty if the service has no model yet."""
    labels: tuple[str, ...] = ()
    """Names of the model's outputs, in their order; empty until a worker has announced them."""
    name: str = ""
    description: str = ""
    task: str = "single-label"
    """``single-label``: the scores of an answer add up to 1. ``multi-label``: each label has its own probability."""
    threshold: float = 0.5
    """Score from which a label of a multi-label model applies."""
    polarity: Mapping[str, str] = field(default_factory=dict)
    """``positive``, ``negative`` or ``neutral`` for each label; empty where the labels have no such meaning."""
    languages: tuple[str, ...] = ()
    """ISO 639 codes; empty if unknown."""
    architecture: str = ""
    precision: str = ""
    """``int8`` or ``fp32``."""
    max_tokens: int = 0
    """Longer texts are truncated to this many tokens; 0 if unknown."""
    preparation: tuple[str, ...] = ()
    """Names of the changes to a text before it is tokenized."""
    size_bytes: int = 0
    """Size of the weights; 0 if unknown."""
    source: str = ""
    """Hub id and revision, or the name of a folder."""
    measured: Measured | None = None
    engines: tuple[ServingEngine, ...] = ()
    """Engines of the live model processes that serve this version."""

    @property
    def multi_label(self) -> bool:
        """Whether each label has its own probability."""
        return self.task == "multi-label"


def card_from(stats: Any) -> ModelCard:
    """Return the card in the JSON of ``/stats``, of any release.

    Raises:
        LookupError, TypeError, ValueError, AttributeError: the JSON has another form.
    """
    model = stats.get("model") or {}
    told = model.get("card") or {}
    version = str(model.get("version") or stats.get("active") or "")
    known = {name: told[name] for name in ModelCard.__slots__ if told.get(name) is not None}
    known |= {name: tuple(map(str, known[name])) for name in ("languages", "preparation") if name in known}
    labels = tuple(map(str, known.pop("labels", None) or model.get("labels") or ()))
    measured = known.pop("measured", None)
    return ModelCard(
        **known
        | {
            "version": version,
            "labels": labels,
            "measured": _measured(measured) if measured else None,
            "engines": _engines(stats.get("workers") or (), version),
        }
    )


def _measured(document: Mapping[str, Any]) -> Measured:
    return Measured(**{name: document[name] for name in Measured.__slots__ if name in document})


def _engines(workers: Any, version: str) -> tuple[ServingEngine, ...]:
    found = Counter((str(one["engine"]), str(one["variant"])) for one in workers if one["version"] == version)
    return tuple(ServingEngine(*names, workers=count) for names, count in found.most_common() if names[0])
