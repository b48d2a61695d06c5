"""The cluster that KUBECONFIG names, its tools, and a release of the chart in a namespace of its own."""

import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from typing import Any, Final

from shared.contract.errors import SentimentError
from tests.charts.tools import CHART, ROOT, tool
from tests.support.several import baked_folder

NAMESPACE: Final = "sentiment-test"
RELEASE: Final = "sentiment"
PORTS: Final = {"project": 30080, "lab": 30081}
IMAGES: Final = {
    "sentiment-api:test": ("Dockerfile.api", "."),
    "sentiment-worker:test": ("Dockerfile.worker", "."),
    "sentiment-worker:second": ("tests/k8s/second_model/Dockerfile", "tests/k8s/second_model"),
}
"""Image by Dockerfile and build context; the last stands on the one before."""
MANY_LABELS: Final = "sentiment-worker:many"
"""The worker's image with the model of `tests.support.several`."""
REDIS_IMAGE: Final = "redis:7-bookworm"
MOST_BROKER_PODS: Final = 3
_BUILD: Final = ("--build-arg", "PYTHON_IMAGE")
"""The value is that of the environment; without one, the Dockerfile's default."""
_PRODUCTION: Final = ("prod", "eks", "gke", "aks")

Say = Callable[[str], None]


def run(*command: str, stdin: str = "", seconds: float = 600) -> str:
    """Run a command in the repository's root and return its output.

    Raises:
        SentimentError: it failed, and the message is what it said; or it took too long.
    """
    try:
        done = subprocess.run(
            command, cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise SentimentError(f"{' '.join(command[:6])} …: no end after {seconds:.0f} s") from None
    if done.returncode:
        raise SentimentError(f"{' '.join(command[:6])} …: {(done.stderr or done.stdout).strip()[-1500:]}")
    return done.stdout


def kubectl(*arguments: str, stdin: str = "") -> str:
    """Run kubectl in the test's namespace."""
    return run(tool("kubectl"), "--namespace", NAMESPACE, *arguments, stdin=stdin)


def helm(*arguments: str) -> str:
    """Run helm in the test's namespace."""
    return run(tool("helm"), "--namespace", NAMESPACE, *arguments)


def read(*arguments: str) -> Any:
    """Return the JSON of ``kubectl get``."""
    return json.loads(kubectl("get", *arguments, "--output", "json"))


def require_cluster(*, anywhere: bool) -> str:
    """Return the name of the context.

    Raises:
        SentimentError: there is no cluster, or it looks like production and nobody said that it is not.
    """
    try:
        context = run(tool("kubectl"), "config", "current-context").strip()
        run(tool("kubectl"), "get", "--raw", "/readyz", seconds=20)
    except SentimentError:
        raise SentimentError("no cluster: set KUBECONFIG to one that may be broken, kind's for instance") from None
    server = run(tool("kubectl"), "config", "view", "--minify", "--output", "jsonpath={.clusters[0].cluster.server}")
    if not anywhere and any(word in (context + server).lower() for word in _PRODUCTION):
        raise SentimentError(f"{context} at {server} looks like production; --anywhere if it is not")
    return context


def deliver(context: str, load: Sequence[str], say: Say) -> None:
    """Build the images, those with other models too, and hand them to the cluster.

    Args:
        context: kind's and Minikube's are known.
        load: the command that takes an image where the cluster is neither; nothing where it has them already.
        say: progress.
    """
    for image, (dockerfile, folder) in IMAGES.items():
        say(f"building {image}")
        _build(image, dockerfile, folder)
    with baked_folder():
        say(f"building {MANY_LABELS}")
        _build(MANY_LABELS, "Dockerfile.worker", ".", "--build-arg", "MODEL=baked")
    for image in (*IMAGES, MANY_LABELS, REDIS_IMAGE):
        command = [*load, image] if load else _loader(context, image)
        if command:
            say(f"loading {image}")
            run(*command)


def _build(image: str, dockerfile: str, folder: str, *options: str) -> None:
    """Build an image."""
    run("docker", "build", "--quiet", *_BUILD, "--file", dockerfile, "--tag", image, *options, folder, seconds=1800)


def _loader(context: str, image: str) -> list[str]:
    if context.startswith("kind-") and shutil.which("kind"):
        return ["kind", "load", "docker-image", image, "--name", context.removeprefix("kind-")]
    if context == "minikube":
        return ["minikube", "image", "load", image]
    return []


def values(**more: str) -> list[str]:
    """Return the arguments of a small release with a lab beside it, reached by node ports."""
    own = {
        "services.lab.pathPrefix": "/lab",
        "service.type": "NodePort",
        "images.api.tag": "test",
        "images.worker.tag": "test",
        **{f"service.nodePorts.{name}": str(port) for name, port in PORTS.items()},
        **more,
    }
    settings = ",".join(f"{name}={value}" for name, value in own.items())
    return [RELEASE, str(CHART), "--values", str(CHART / "values-dev.yaml"), "--set", settings]


def install(say: Say, **more: str) -> None:
    """Remove the objects of an earlier run, and install the release into a namespace of its own."""
    clear()
    _make_room(say)
    helm("install", *values(**more))


def require_namespace() -> None:
    """Make the namespace unless it is there."""
    if not kubectl("get", "namespace", NAMESPACE, "--ignore-not-found"):
        kubectl("create", "namespace", NAMESPACE)


def broker_pods() -> int:
    """Return the number of pods that the release's broker should have; 0 without a release."""
    listed = json.loads(helm("list", "--output", "json"))
    if not any(release["name"] == RELEASE for release in listed):
        return 0
    name = f"{RELEASE}-broker"
    return int(kubectl("get", "statefulset", name, "--ignore-not-found", "--output=jsonpath={.spec.replicas}") or 0)


def _make_room(say: Say) -> None:
    """Make the namespace, and a volume for each pod that the broker may have where no storage class would."""
    kubectl("create", "namespace", NAMESPACE)
    classes = json.loads(run(tool("kubectl"), "get", "storageclass", "--output", "json"))["items"]
    if not classes:
        say("no storage class: making volumes on the node")
        kubectl("apply", "--filename", "-", stdin=_OWNER + "".join(map(_VOLUME.format, range(MOST_BROKER_PODS))))
        kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/volume", "--timeout=60s")


def clear() -> None:
    """Remove the objects of an earlier run."""
    run(tool("helm"), "uninstall", RELEASE, "--namespace", NAMESPACE, "--ignore-not-found", "--wait")
    run(tool("kubectl"), "delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait")
    run(tool("kubectl"), "delete", "persistentvolume", "--selector", "test=sentiment", "--wait")


_VOLUME: Final = """
---
apiVersion: v1
kind: PersistentVolume
metadata: {{name: sentiment-test-{0}, labels: {{test: sentiment}}}}
spec:
  capacity: {{storage: 1Gi}}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Delete
  hostPath: {{path: /var/lib/kube-cluster/volumes/sentiment-test/{0}, type: DirectoryOrCreate}}
"""
_OWNER: Final = """
# A folder of the node is root's, and no fsGroup changes that.
apiVersion: v1
kind: Pod
metadata: {name: volume}
spec:
  restartPolicy: Never
  containers:
    - name: chown
      image: redis:7-bookworm
      command: [sh, -c, "rm -rf /data/* && mkdir /data/0 /data/1 /data/2 && chown 10001:10001 /data/*"]
      volumeMounts: [{name: data, mountPath: /data}]
  volumes:
    - {name: data, hostPath: {path: /var/lib/kube-cluster/volumes/sentiment-test, type: DirectoryOrCreate}}
"""
