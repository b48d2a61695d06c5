"""What the chart makes of values: what belongs together matches, and wrong values are refused."""

from collections.abc import Iterator
from typing import Any

import kubernetes_validate
import pytest

from shared.contract import Lane
from shared.keys import Keyspace
from shared.settings import Settings
from tests.charts.tools import CHART, helm, render

DEV = ("--values", str(CHART / "values-dev.yaml"))
PROD = ("--values", str(CHART / "values-prod.yaml"))
MATRIX = {
    "defaults": (),
    "dev": DEV,
    "prod": PROD,
    "lab": (*DEV, "--set", "services.lab.pathPrefix=/lab"),
    "no autoscaling": (*DEV, "--set", "autoscaling.enabled=false"),
    "external redis": ("--set", "cache.internal=false,cache.url=rediss://cache.example:6379/0"),
    "external broker": ("--set", "broker.internal=false,broker.url=rediss://:pw-3f9a@broker.example:6379/0"),
    "existing secret": ("--set", "broker.internal=false,broker.existingSecret=mine"),
    "ingress": ("--set", "ingress.enabled=true,ingress.host=sentiment.example"),
    "digests": ("--set", f"images.api.digest=sha256:{'a' * 64}"),
    "node ports": ("--set", "service.type=NodePort,service.nodePorts.project=30080"),
}
WRONG = {
    "broker.memry=1mb": "memry",
    "services.lab.api.replicas.min=-1": "min",
    "services.Lab.pathPrefix=/lab": "Lab",
    "services.lab.pathPrefix=lab": "pathPrefix",
    "serviceDefaults.worker.lanes.interactive.perReplica=0": "perReplica",
    "images.api.digest=latest": "digest",
    "broker.internal=false": "broker.url",
}
KUBERNETES = "1.36"
WORKLOADS = {"Deployment", "StatefulSet"}


@pytest.fixture(scope="module", params=MATRIX)
def documents(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    return render(*MATRIX[request.param])


def _of(documents: list[dict[str, Any]], *kinds: str) -> Iterator[dict[str, Any]]:
    return (document for document in documents if document["kind"] in kinds)


def _named(documents: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {document["metadata"]["name"]: document for document in _of(documents, kind)}


def _pods(documents: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for document in documents:
        if document["kind"] in WORKLOADS:
            yield document["spec"]["template"]["spec"]
        elif document["kind"] == "Pod":
            yield document["spec"]


@pytest.mark.parametrize("values", MATRIX)
def test_helm_finds_nothing_to_say(values: str) -> None:
    done = helm("lint", "--strict", str(CHART), *MATRIX[values])
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("value", "named"), WRONG.items())
def test_wrong_values_are_refused_by_name(value: str, named: str) -> None:
    done = helm("template", "release", str(CHART), "--set", value)
    assert done.returncode
    assert named in done.stderr


def test_built_in_kinds_are_what_kubernetes_knows(documents: list[dict[str, Any]]) -> None:
    for document in documents:
        if document["apiVersion"].partition("/")[0] != "keda.sh":
            kubernetes_validate.validate(document, KUBERNETES, strict=True)


def test_names_are_unique_and_short(documents: list[dict[str, Any]]) -> None:
    names = [(document["kind"], document["metadata"]["name"]) for document in documents]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 54 for _, name in names)


def test_selectors_select_their_own_pods_alone(documents: list[dict[str, Any]]) -> None:
    pods = {d["metadata"]["name"]: d["spec"]["template"]["metadata"]["labels"] for d in _of(documents, *WORKLOADS)}
    for document in _of(documents, *WORKLOADS):
        wanted = document["spec"]["selector"]["matchLabels"].items()
        assert [name for name, labels in pods.items() if wanted <= labels.items()] == [document["metadata"]["name"]]
    for service in _of(documents, "Service"):
        wanted = service["spec"]["selector"].items()
        assert [name for name, labels in pods.items() if wanted <= labels.items()] == [service["metadata"]["name"]]


def test_ports_secrets_and_volumes_are_there(documents: list[dict[str, Any]]) -> None:
    secrets = _named(documents, "Secret")
    for pod in _pods(documents):
        volumes = {volume["name"]: volume for volume in pod.get("volumes", [])} | {"data": {}}
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            assert {mount["name"] for mount in container.get("volumeMounts", [])} <= volumes.keys()
            for entry in container.get("env", []):
                wanted = entry.get("valueFrom", {}).get("secretKeyRef")
                if wanted and wanted["name"] in secrets:
                    assert wanted["key"] in secrets[wanted["name"]]["stringData"]
                elif wanted:
                    assert wanted["name"] in {"sentiment-api-keys", "mine"}


def test_every_variable_is_a_setting(documents: list[dict[str, Any]]) -> None:
    known = {f"SENTIMENT_{name.upper()}" for name in Settings.model_fields} | {"REDISCLI_AUTH"}
    for pod in _pods(documents):
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            assert {entry["name"] for entry in container.get("env", [])} <= known


def test_no_container_may_more_than_it_must(documents: list[dict[str, Any]]) -> None:
    for pod in _pods(documents):
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"].keys() == {"requests", "limits"}


def test_nobody_but_the_autoscalers_says_how_many(documents: list[dict[str, Any]]) -> None:
    scaled = {d["spec"]["scaleTargetRef"]["name"] for d in _of(documents, "HorizontalPodAutoscaler", "ScaledObject")}
    for document in _of(documents, "Deployment"):
        assert ("replicas" in document["spec"]) == (document["metadata"]["name"] not in scaled)


def test_keda_reads_what_the_product_writes(documents: list[dict[str, Any]]) -> None:
    for document in _of(documents, "ScaledObject"):
        *_, service, lane = document["metadata"]["name"].split("-")
        keys = Keyspace(service)
        expected = {
            Lane.INTERACTIVE: {keys.backlog(Lane.INTERACTIVE)},
            Lane.BULK: {keys.job_chunks_waiting, keys.job_chunks_running, keys.jobs_open},
        }
        triggers = document["spec"]["triggers"]
        assert {trigger["metadata"]["listName"] for trigger in triggers} == expected[Lane(lane)]
        assert all(trigger["name"].isidentifier() for trigger in triggers)
        # What the webhook warns of: settings that do nothing where there is always a replica.
        assert ("pollingInterval" in document["spec"]) == (document["spec"]["minReplicaCount"] == 0)


def test_a_stop_lasts_as_long_as_it_may(documents: list[dict[str, Any]]) -> None:
    for document in _of(documents, "Deployment"):
        pod = document["spec"]["template"]["spec"]
        kinds = {container["name"] for container in pod["containers"]}
        if "worker" in kinds:
            assert pod["terminationGracePeriodSeconds"] >= Settings().task_time_limit + 32 + 10
        if "api" in kinds:
            drain = next(e["value"] for e in pod["containers"][0]["env"] if e["name"] == "SENTIMENT_DRAIN")
            assert pod["terminationGracePeriodSeconds"] >= float(drain) + Settings().deadline + 2


def test_passwords_show_in_no_argument_and_no_annotation(documents: list[dict[str, Any]]) -> None:
    passwords = {s["stringData"].get("password") for s in _of(documents, "Secret")} - {None}
    assert passwords
    for document in documents:
        if document["kind"] != "Secret":
            assert not any(password in str(document) for password in passwords)
