"""Row 15: a model with other labels than two, by values alone."""

from pathlib import Path
from typing import Final

import pytest

from client import SentimentClient
from shared.broker.fleet import DEFAULT_LABELS
from tests.k8s import cluster, service
from tests.k8s.cluster import MANY_LABELS, RELEASE
from tests.k8s.run import MINUTES, Run, require, until
from tests.support.rows import row
from tests.support.several import LABELS, write_several

_BASES: Final = {"project": service.API, "lab": service.LAB}
_TAG: Final = MANY_LABELS.rpartition(":")[2]
_OWN: Final = {
    "project": {"images.worker.tag": _TAG, "services.lab.worker.image.tag": "test"},
    "lab": {"services.lab.worker.image.tag": _TAG},
}
"""Values by the service that gets the model."""


@row(
    15,
    "a baked model with six labels, of which several may apply, by values alone: for the service, then for the lab",
    "card, single answers, a batch, a job and helm test are right; the other service keeps its model",
    core=False,
)
@pytest.mark.usefixtures("release")
def test_many_labels(run: Run, tmp_path: Path) -> None:
    model = write_several(tmp_path / "baked")
    try:
        for own, values in _OWN.items():
            cluster.helm("upgrade", *cluster.values(**values))
            for name in _BASES:
                _until_model(name, LABELS if name == own else DEFAULT_LABELS)
            model.require(_BASES[own], own)
            for name, base in _BASES.items():
                require(service.answers(base, f"/{name}"), f"{name} does not answer")
            cluster.helm("test", RELEASE)
            run.say(f"{own} has the model")
    finally:
        cluster.helm("upgrade", *cluster.values())
        for name in _BASES:
            _until_model(name, DEFAULT_LABELS)
    run.note(f"{' and '.join(_OWN)}: card, single answers, a batch, a job and helm test right")


def _until_model(name: str, labels: tuple[str, ...]) -> None:
    """Wait until every pod of a service is of the newest revision, and the active model has these labels."""
    for part in ("api", "interactive", "bulk"):
        cluster.kubectl("rollout", "status", f"deployment/{RELEASE}-{name}-{part}", "--timeout=300s")
    with SentimentClient(_BASES[name], service=name) as client:
        until(lambda: client.model().labels == labels, f"the model with the labels {labels} in {name}", 3 * MINUTES)
