"""The broker of the chart's mode `sentinel`: its objects, and its scripts as three pods run them, on this machine."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from redis import Redis
from redis.exceptions import RedisError, ResponseError

from shared.broker.access import Part
from shared.broker.url import RedisUrl
from shared.process.settings import Settings
from shared.stack.ports import free_port
from tests.charts.redis_part import PASSWORD, PASSWORDS
from tests.charts.tools import named, of_kind, pods, render
from tests.charts.values import DEV, PROD, SENTINEL
from tests.support.missing import missing
from tests.support.waiting import wait_for

HOSTS: Final = ("127.0.77.1", "127.0.77.2", "127.0.77.3")
BROKER: Final = "release-sentiment-broker"


class Pod:
    """One pod of the broker: both of its containers, in a folder instead of volumes.

    Args:
        folder: takes its files.
        host: its address.
        ports: port of Redis and of the Sentinel, in each pod the same.
    """

    def __init__(self, folder: Path, host: str, ports: tuple[int, int]) -> None:
        self.host, self._ports, self._folder = host, ports, folder
        self._children: list[subprocess.Popen[bytes]] = []
        for name in ("etc", "data", "run"):
            (folder / name).mkdir(parents=True)
        for name, text in named(render(*SENTINEL), "ConfigMap")[BROKER]["data"].items():
            (folder / "etc" / name).write_text(self._here(text))
            (folder / "etc" / name).chmod(0o555)

    def _here(self, text: str) -> str:
        redis, sentinel = map(str, self._ports)
        for inside, outside in {"/etc/redis": "etc", "/data": "data", "/run/sentinel": "run"}.items():
            text = text.replace(inside, str(self._folder / outside))
        text = text.replace("maxmemory-policy", f"bind {self.host}\nport 6379\nmaxmemory-policy")
        text = text.replace("sentinel myid", f"bind {self.host}\nsentinel myid")
        return text.replace("26379", "SENTINEL").replace("6379", redis).replace("SENTINEL", sentinel)

    def start(self) -> None:
        shell = shutil.which("sh")
        assert shell
        secrets = {"REDISCLI_AUTH": PASSWORD} | {f"{part.upper()}_PASSWORD": PASSWORDS[part] for part in Part}
        environment = {"PATH": os.environ["PATH"], "SELF": self.host, "HOSTS": " ".join(HOSTS)} | secrets
        for script in ("start.sh", "sentinel.sh"):
            command = [shell, str(self._folder / "etc" / script)]
            self._children.append(subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL))

    def stop(self) -> None:
        for child in self._children:
            child.kill()
            child.wait()
        self._children.clear()

    def replace(self) -> None:
        """Do as a pod that is deleted and made again: its memory is lost, its volume is not."""
        self.stop()
        shutil.rmtree(self._folder / "run")
        (self._folder / "run").mkdir()
        self.start()

    def redis(self, user: str = "", password: str = PASSWORD) -> Redis:
        return self._client(0, user, password)

    def sentinel(self, user: str = "", password: str = PASSWORD) -> Redis:
        return self._client(1, user, password)

    def _client(self, which: int, user: str, password: str) -> Redis:
        return Redis(
            self.host,
            self._ports[which],
            username=user or None,
            password=password,
            socket_timeout=1,
            decode_responses=True,
        )

    def named(self) -> tuple[str, Any, Any]:
        """Return the primary's host that its Sentinel names, and the numbers of replicas and of other Sentinels."""
        with self.sentinel() as sentinel:
            try:
                state = sentinel.sentinel_master("sentiment")
            except RedisError:
                return "", 0, 0
            return state["ip"], state["num-slaves"], state["num-other-sentinels"]

    def replication(self) -> dict[str, Any]:
        """Return the replication state of its Redis; nothing while it does not answer."""
        with self.redis() as redis:
            try:
                return dict(redis.info("replication"))
            except RedisError:
                return {}


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[list[Pod]]:
    """Three pods that know each other."""
    if not (shutil.which("redis-server") and shutil.which("redis-cli")):
        missing("redis-server and redis-cli are not installed")
    ports = free_port(), free_port()
    nodes = [Pod(tmp_path / host, host, ports) for host in HOSTS]
    for pod in nodes:
        pod.start()
    yield nodes
    for pod in nodes:
        pod.stop()


def _complete(nodes: list[Pod], primary: str) -> None:
    def agreed() -> bool:
        told = {pod.host: pod.replication() for pod in nodes}
        right = all(("master" if host == primary else "slave") == of.get("role") for host, of in told.items())
        # The primary counts its good replicas once a second, and takes no write before there are any.
        writable = told[primary].get("min_slaves_good_slaves") == 2
        return right and writable and all(pod.named() == (primary, 2, 2) for pod in nodes)

    wait_for(agreed, f"all to know {primary} as the primary, and each other", 120, every=0.2)


def test_the_pods_choose_a_primary_and_keep_it_when_all_are_replaced(nodes: list[Pod]) -> None:
    _complete(nodes, HOSTS[0])
    with nodes[0].redis() as redis:
        redis.set("kept", "1", ex=300)
        assert redis.execute_command("WAIT", 2, 5000) == 2
    nodes[0].stop()
    wait_for(lambda: nodes[1].named()[0] != HOSTS[0], "another primary", 60, every=0.2)
    primary = nodes[1].named()[0]
    nodes[0].replace()
    _complete(nodes, primary)
    for pod in nodes:
        pod.stop()
    for pod in nodes:
        pod.replace()
    _complete(nodes, primary)
    with next(pod for pod in nodes if pod.host == primary).redis() as redis:
        assert redis.get("kept") == "1"


def test_keda_asks_the_sentinels_for_the_primary_and_can_do_nothing_else(nodes: list[Pod]) -> None:
    _complete(nodes, HOSTS[0])
    with nodes[1].sentinel("keda", PASSWORDS[Part.KEDA]) as sentinel:
        found: Any = sentinel.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "sentiment")
        assert found[0] == HOSTS[0]
        assert sentinel.execute_command("SENTINEL", "SENTINELS", "sentiment")
        with sentinel.pubsub() as subscription:
            subscription.subscribe("+switch-master")
            assert subscription.get_message(timeout=1)
        for command in (("FAILOVER", "sentiment"), ("REMOVE", "sentiment"), ("SET", "sentiment", "quorum", "1")):
            with pytest.raises(ResponseError, match="permissions"):
                sentinel.execute_command("SENTINEL", *command)
    with nodes[1].sentinel(Part.API, PASSWORDS[Part.API]) as sentinel:
        assert sentinel.sentinel_masters()["sentiment"]["ip"] == HOSTS[0]
        with pytest.raises(ResponseError, match="permissions"):
            sentinel.execute_command("SENTINEL", "FAILOVER", "sentiment")
    with nodes[1].sentinel("", "wrong") as stranger, pytest.raises(RedisError):
        stranger.ping()


@pytest.mark.parametrize(("values", "kind"), [((*DEV, *SENTINEL), "preferred"), (PROD, "required")])
def test_the_three_pods_are_kept_apart(values: tuple[str, ...], kind: str) -> None:
    documents = render(*values)
    broker = named(documents, "StatefulSet")[BROKER]["spec"]
    assert broker["replicas"] == 3
    apart = broker["template"]["spec"]["affinity"]["podAntiAffinity"]
    required = apart.get("requiredDuringSchedulingIgnoredDuringExecution", [])
    wanted = apart["preferredDuringSchedulingIgnoredDuringExecution"]
    assert [term["topologyKey"] for term in required] == ["kubernetes.io/hostname"] * (kind == "required")
    assert [term["podAffinityTerm"]["topologyKey"] for term in wanted] == [
        "topology.kubernetes.io/zone",
        *["kubernetes.io/hostname"] * (kind == "preferred"),
    ]
    for term in (*required, *(term["podAffinityTerm"] for term in wanted)):
        assert term["labelSelector"]["matchLabels"].items() <= broker["template"]["metadata"]["labels"].items()
    assert named(documents, "PodDisruptionBudget")[BROKER]["spec"]["maxUnavailable"] == 1
    service = named(documents, "Service")[broker["serviceName"]]["spec"]
    assert (service["clusterIP"], service["publishNotReadyAddresses"]) == ("None", True)
    assert BROKER not in named(documents, "Service"), "a name that any of the three would answer to"


def test_single_is_the_default() -> None:
    assert named(render(*DEV), "StatefulSet")[BROKER]["spec"]["replicas"] == 1


def test_every_part_gets_a_url_of_the_sentinels() -> None:
    documents = render(*SENTINEL)
    hosts = {f"{BROKER}-{i}.{BROKER}-nodes.default.svc" for i in range(3)}
    found = [
        entry["value"].replace("$(BROKER_PASSWORD)", "secret")
        for _, pod in pods(documents)
        for container in [*pod.get("initContainers", []), *pod["containers"]]
        for entry in container.get("env", [])
        if entry["name"] == "SENTIMENT_BROKER_URL"
    ]
    assert found
    for text in found:
        url = RedisUrl.parse(text)
        assert url.sentinels
        assert {host for host, _ in url.addresses} == hosts
        assert (url.sentinels.master, url.sentinels.password, url.password) == ("sentiment", "secret", "secret")
        assert url.sentinels.user == url.user
        assert url.user in {Part.API, Part.WORKER, Part.FLOWER}
        assert Settings.model_validate({"broker_url": text}).required_replicas == 1


@pytest.mark.parametrize("tls", [False, True])
def test_keda_gets_the_parts_of_an_external_url(tls: bool) -> None:
    scheme = "rediss" if tls else "redis"
    url = (
        f"{scheme}+sentinel://ann:p%40%23@a.example:1,b.example/0?master=m%26&sentinel_user=bob&sentinel_password=s%3D"
    )
    documents = render(
        "--set", "broker.internal=false,broker.mode=sentinel", "--set-string", f"broker.url={_escaped(url)}"
    )
    assert named(documents, "Secret")["release-sentiment-keda"]["stringData"] == {
        "address": "a.example:1,b.example:26379",
        "username": "ann",
        "password": "p@#",
        "tls": "enable" if tls else "disable",
        "sentinel-master": "m&",
        "sentinel-username": "bob",
        "sentinel-password": "s=",
    }
    parsed = RedisUrl.parse(url)
    assert parsed.sentinels
    assert (parsed.password, parsed.sentinels.master, parsed.sentinels.password) == ("p@#", "m&", "s=")


@pytest.mark.parametrize(
    "values",
    [SENTINEL, (*SENTINEL, "--set", "broker.internal=false,broker.existingSecret=mine")],
    ids=["internal", "existing secret"],
)
def test_kedas_triggers_ask_the_sentinels(values: tuple[str, ...]) -> None:
    documents = render(*values)
    triggers = [t for d in of_kind(documents, "ScaledObject") for t in d["spec"]["triggers"]]
    assert {trigger["type"] for trigger in triggers} == {"redis-sentinel"}
    (authentication,) = of_kind(documents, "TriggerAuthentication")
    given = {reference["parameter"] for reference in authentication["spec"]["secretTargetRef"]}
    wanted = {"addresses", "username", "password", "sentinelMaster", "sentinelUsername", "sentinelPassword"}
    assert given - {"tls"} == wanted


def _escaped(value: str) -> str:
    """Return a value for Helm's --set, where a comma separates values."""
    return value.replace(",", "\\,")
