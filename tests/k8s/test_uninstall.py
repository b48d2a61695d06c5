"""Row 9: uninstall."""

import pytest

from tests.k8s import cluster
from tests.k8s.cluster import NAMESPACE, RELEASE
from tests.k8s.run import MINUTES, Run, require, until
from tests.support.rows import row

_KINDS = "all,secret,configmap,scaledobject,triggerauthentication,hpa,pdb,networkpolicy,serviceaccount,ingress"


@row(
    9, "uninstall", "nothing is left but what the notes say is kept: the broker's volume claims", core=False, last=True
)
@pytest.mark.usefixtures("any_release")
def test_uninstall(run: Run) -> None:
    kept = [f"data-{RELEASE}-broker-{i}" for i in range(cluster.broker_pods())]
    cluster.helm("uninstall", RELEASE, "--wait")
    # Helm waits for its objects, not for the last seconds of their pods.
    until(lambda: not _left(), "nothing to be left behind", 3 * MINUTES)
    claims = [claim["metadata"]["name"] for claim in cluster.read("persistentvolumeclaim")["items"]]
    require(sorted(claims) == kept, f"claims that are kept: {claims}")
    run.note(f"nothing left in {NAMESPACE} but {', '.join(kept)}")
    cluster.clear()


def _left() -> list[str]:
    found = cluster.read(_KINDS, "--selector", f"app.kubernetes.io/instance={RELEASE}")["items"]
    return [f"{entry['kind']} {entry['metadata']['name']}" for entry in found]
