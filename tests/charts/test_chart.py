"""The rendered chart: its objects match each other, and wrong values are refused."""

import re
from collections.abc import Iterator
from typing import Any

import kubernetes_validate
import pytest

from shared.broker.access import Part
from shared.broker.keys import Keyspace
from shared.broker.role import Role
from shared.contract.names import Lane
from shared.process.production import require_safe
from shared.process.settings import Settings
from tests.charts.tools import CHART, WORKLOADS, Documents, helm, named, of_kind, pods, render
from tests.charts.values import MATRIX

KUBERNETES = "1.36"
CUSTOM = ("keda.sh", "istio.io", "coreos.com", "gateway.networking.k8s.io")
GIVEN = {"sentiment-api-keys", "sentiment-broker", "sentiment-cache", "sentiment-flower", "mine", "y", "1", "no", "2"}


@pytest.fixture(scope="module", params=MATRIX)
def documents(request: pytest.FixtureRequest) -> Documents:
    return render(*MATRIX[request.param])


@pytest.mark.parametrize("values", MATRIX)
def test_helm_finds_nothing_to_say(values: str) -> None:
    done = helm("lint", "--strict", str(CHART), *MATRIX[values])
    assert done.returncode == 0, done.stdout


def test_built_in_kinds_are_what_kubernetes_knows(documents: Documents) -> None:
    for document in documents:
        if not document["apiVersion"].partition("/")[0].endswith(CUSTOM):
            kubernetes_validate.validate(document, KUBERNETES, strict=True)


def test_names_are_unique_and_short(documents: Documents) -> None:
    names = [(document["kind"], document["metadata"]["name"]) for document in documents]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 54 for _, name in names)


def test_selectors_select_their_own_pods_alone(documents: Documents) -> None:
    labels = {
        d["metadata"]["name"]: d["spec"]["template"]["metadata"]["labels"] for d in of_kind(documents, *WORKLOADS)
    }
    for document in of_kind(documents, *WORKLOADS):
        wanted = document["spec"]["selector"]["matchLabels"].items()
        assert [name for name, own in labels.items() if wanted <= own.items()] == [document["metadata"]["name"]]
    for service in of_kind(documents, "Service"):
        wanted, own_name = service["spec"]["selector"].items(), service["metadata"]["name"].removesuffix("-nodes")
        assert [name for name, own in labels.items() if wanted <= own.items()] == [own_name]


def test_ports_are_those_of_the_pods(documents: Documents) -> None:
    for service in of_kind(documents, "Service"):
        wanted = service["spec"]["selector"].items()
        (pod,) = (spec for metadata, spec in pods(documents) if wanted <= metadata["labels"].items())
        ports = {port["name"] for container in pod["containers"] for port in container["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports
    for _, pod in pods(documents):
        for container in pod["containers"]:
            ports = {port["name"] for port in container.get("ports", [])}
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                action = container.get(probe, {})
                assert {way["port"] for name, way in action.items() if name in {"httpGet", "tcpSocket"}} <= ports


def test_secrets_config_maps_and_volumes_are_there(documents: Documents) -> None:
    secrets, configs = named(documents, "Secret"), named(documents, "ConfigMap")
    for _, pod in pods(documents):
        volumes = {volume["name"]: volume for volume in pod.get("volumes", [])} | {"data": {}}
        for volume in volumes.values():
            name = volume.get("configMap", {}).get("name")
            assert name is None or name in {*configs, "authorities", "on"}
        for container in _containers(pod):
            assert {mount["name"] for mount in container.get("volumeMounts", [])} <= volumes.keys()
            for entry in container.get("env", []):
                wanted = entry.get("valueFrom", {}).get("secretKeyRef")
                if wanted and wanted["name"] in secrets:
                    assert wanted["key"] in secrets[wanted["name"]]["stringData"]
                elif wanted:
                    assert wanted["name"] in GIVEN


def test_keda_finds_its_secrets(documents: Documents) -> None:
    secrets = named(documents, "Secret")
    for document in of_kind(documents, "TriggerAuthentication"):
        for reference in document["spec"]["secretTargetRef"]:
            held = secrets.get(reference["name"])
            assert reference["key"] in held["stringData"] if held else reference["name"] in GIVEN
        for address in (s["stringData"].get("address") for s in secrets.values() if "address" in s["stringData"]):
            assert address.endswith((":6379", ":26379"))


def test_every_variable_is_a_setting(documents: Documents) -> None:
    passwords = {"REDISCLI_AUTH", *(f"{name.upper()}_PASSWORD" for name in (*Part, *Role))}
    known = {f"SENTIMENT_{name.upper()}" for name in Settings.model_fields} | passwords | {"POD", "SELF", "HOSTS"}
    for _, pod in pods(documents):
        for container in _containers(pod):
            names = [entry["name"] for entry in container.get("env", [])]
            assert set(names) <= known
            assert len(set(names)) == len(names)


def test_a_value_that_names_another_comes_after_it(documents: Documents) -> None:
    for _, pod in pods(documents):
        for container in _containers(pod):
            seen: set[str] = set()
            for entry in container.get("env", []):
                assert set(re.findall(r"\$\((\w+)\)", entry.get("value", ""))) <= seen
                seen.add(entry["name"])


def test_all_that_runs_starts_with_what_it_is_told(documents: Documents) -> None:
    for _, pod in pods(documents):
        for container in pod["containers"]:
            if container["name"] in {"api", "worker", "flower"}:
                told = {
                    entry["name"].removeprefix("SENTIMENT_").lower(): entry.get("value", "given")
                    for entry in container["env"]
                    if entry["name"].startswith("SENTIMENT_") and "resourceFieldRef" not in entry.get("valueFrom", {})
                }
                from_secrets = {
                    name: "rediss://:pw@r.example" for name in ("broker_url", "cache_url") if told.get(name) == "given"
                }
                if authorities := told.pop("redis_ca_file", ""):  # a file of the pod's, which is not on this machine
                    assert any(authorities.startswith(mount["mountPath"]) for mount in container["volumeMounts"])
                roles = [role for role in Role if f"{role}_url" in told]
                require_safe(Settings.model_validate(told | from_secrets), roles)


def test_no_container_may_more_than_it_must(documents: Documents) -> None:
    for _, pod in pods(documents):
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in _containers(pod):
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"].keys() == {"requests", "limits"}


def test_nobody_but_the_autoscalers_says_how_many(documents: Documents) -> None:
    scaled = {
        d["spec"]["scaleTargetRef"]["name"] for d in of_kind(documents, "HorizontalPodAutoscaler", "ScaledObject")
    }
    for document in of_kind(documents, "Deployment"):
        assert ("replicas" in document["spec"]) == (document["metadata"]["name"] not in scaled)


def test_keda_reads_what_the_product_writes(documents: Documents) -> None:
    for document in of_kind(documents, "ScaledObject"):
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


def test_a_stop_lasts_as_long_as_it_may(documents: Documents) -> None:
    for document in of_kind(documents, "Deployment"):
        pod = document["spec"]["template"]["spec"]
        kinds = {container["name"] for container in pod["containers"]}
        if "worker" in kinds:
            assert pod["terminationGracePeriodSeconds"] >= Settings().task_time_limit + 32 + 10
        if "api" in kinds:
            drain = next(e["value"] for e in pod["containers"][0]["env"] if e["name"] == "SENTIMENT_DRAIN")
            assert pod["terminationGracePeriodSeconds"] >= float(drain) + round(Settings().deadline) + 2 + 5


def test_passwords_show_in_no_argument_and_no_annotation(documents: Documents) -> None:
    held = [value for s in of_kind(documents, "Secret") for key, value in s["stringData"].items() if "password" in key]
    passwords = {value for value in held if value}
    for document in documents:
        if document["kind"] != "Secret":
            assert not any(password in str(document) for password in passwords)


def test_a_longer_deadline_is_given_its_time() -> None:
    pod = next(
        spec for _, spec in pods(render("--set", "settings.deadline=9.5")) if spec["containers"][0]["name"] == "api"
    )
    assert pod["terminationGracePeriodSeconds"] == 8 + 10 + 8


def _containers(pod: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from pod.get("initContainers", [])
    yield from pod["containers"]
