"""``make overlays``: the chart as Kustomize overlays, ``build/overlays/dev`` and ``…/prod``, for ``kubectl apply -k``.

Each overlay has a file for each component. Helm's hooks are left out, because without Helm they would not be run or
removed. The overlay for production contains no passwords, but refers to existing secrets; for dev, passwords are
generated once, in files that later runs keep.
"""

import argparse
import secrets
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from deploy.chart.tools import CHART, ROOT, helm
from shared.contract.errors import SentimentError

Document = dict[str, Any]

RELEASE: Final = "sentiment"
OVERLAYS: Final = ("dev", "prod")
_COMPONENT: Final = "app.kubernetes.io/component"
_MADE: Final[dict[str, tuple[str, ...]]] = {
    "broker": ("password", "keda-password"),
    "cache": ("password",),
    "flower": ("password",),
}
"""The keys of each secret that the overlay for dev generates, by part."""
_GENERATOR: Final[Document] = {
    "generatorOptions": {"disableNameSuffixHash": True},
    "secretGenerator": [{"name": f"{RELEASE}-{part}", "envs": [f"secrets/{part}.env"]} for part in _MADE],
}


def write_overlay(name: str, folder: Path, namespace: str, more: Sequence[str] = ()) -> list[str]:
    """Write one overlay.

    Args:
        name: dev or prod.
        folder: folder of the overlay; its files are replaced, except the secrets.
        namespace: Kubernetes namespace of the overlay.
        more: further arguments of Helm, such as values.

    Returns:
        Sentences about the secrets, for the user.

    Raises:
        SentimentError: Helm refuses the values, or with them the chart would generate passwords at each call.
    """
    own = ["--set", ",".join(f"{part}.existingSecret={RELEASE}-{part}" for part in _MADE)] if name == "dev" else []
    documents = _render(["--values", str(CHART / f"values-{name}.yaml"), *own, *more], namespace)
    files = defaultdict(list)
    for document in documents:
        files[f"{document['metadata']['labels'][_COMPONENT]}.yaml"].append(document)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.yaml"):
        old.unlink()
    for file, content in files.items():
        (folder / file).write_text(yaml.safe_dump_all(content, sort_keys=False))
    kustomization = _kustomization(namespace, sorted(files))
    said = [f"{folder}: {len(documents)} objects for the namespace {namespace}"]
    if name == "dev":
        kustomization |= _GENERATOR
        said += _make_secrets(folder / "secrets")
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization, sort_keys=False))
    return said


def _kustomization(namespace: str, files: list[str]) -> Document:
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": namespace,
        "labels": [{"pairs": {"app.kubernetes.io/managed-by": "kustomize"}}],
        "resources": files,
    }


def _render(values: list[str], namespace: str) -> list[Document]:
    """Return the rendered objects of the chart.

    The chart is rendered twice; if an object differs, it contains a generated password, which would change each time.
    """
    command = ["template", RELEASE, str(CHART), "--namespace", namespace, "--no-hooks", *values]
    first, second = helm(*command), helm(*command)
    if first.returncode:
        raise SentimentError(first.stderr.strip())
    if first.stdout != second.stdout:
        raise SentimentError("these values have passwords made up; name existingSecret of broker, cache and flower")
    documents = [document for document in yaml.safe_load_all(first.stdout) if document]
    # Helm's test pods are hooks, so objects that only they need are left out too.
    return [document for document in documents if not document["metadata"]["labels"][_COMPONENT].endswith("-test")]


def _make_secrets(folder: Path) -> list[str]:
    folder.mkdir(mode=0o700, exist_ok=True)
    said = []
    for part, keys in _MADE.items():
        file = folder / f"{part}.env"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text("".join(f"{key}={secrets.token_hex(16)}\n" for key in keys))
            said.append(f"{file}: made; later runs keep it")
    return said


def main() -> int:
    """Write both overlays; return 2 if this is not possible, otherwise 0."""
    parser = argparse.ArgumentParser(prog="python -m deploy.chart.overlays", description=__doc__)
    parser.add_argument("--namespace", default="sentiment", help="where they will be applied (%(default)s)")
    parser.add_argument("--values", action="append", default=[], help="a file of values over both overlays' own")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "overlays", help="the folder of both")
    options = parser.parse_args()
    more = [argument for file in options.values for argument in ("--values", file)]
    try:
        for name in OVERLAYS:
            for sentence in write_overlay(name, options.output / name, options.namespace, more):
                sys.stdout.write(f"{sentence}\n")
    except SentimentError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
