"""Helm's notes after an install: lines that a shell understands, about objects that exist."""

import re
import shutil
import subprocess

import pytest

from tests.charts.tools import CHART, helm, named, render
from tests.charts.values import DEV, GATEWAY, ISTIO, LAB, PROD

KINDS = {"deployment": "Deployment", "service": "Service", "secret": "Secret"}
GIVEN = {"sentiment-api-keys", "sentiment-flower"}


def _notes(*values: str) -> str:
    done = helm("install", "release", str(CHART), "--dry-run=client", "--namespace", "somewhere", *values)
    assert done.returncode == 0, done.stderr
    return done.stdout.partition("NOTES:")[2]


@pytest.mark.parametrize("values", [DEV, (*DEV, *LAB), PROD, (*DEV, "--set", "flower.enabled=false")])
def test_its_lines_can_be_pasted(values: tuple[str, ...]) -> None:
    notes = _notes(*values)
    commands = "\n".join(line for line in notes.splitlines() if line.startswith("  "))
    shell = shutil.which("bash")
    assert shell
    done = subprocess.run([shell, "-n"], input=commands, capture_output=True, text=True, check=False, timeout=10)
    assert not done.stderr
    documents = render(*values)
    found = re.findall(r"\b(deployment|service|secret)[/ ]([a-z0-9-]+)", commands)
    assert found
    for kind, name in found:
        assert name in named(documents, KINDS[kind]) or name in GIVEN
    assert set(re.findall(r"--namespace (\S+)", commands)) == {"somewhere"}


def test_it_says_how_it_is_reached_from_outside() -> None:
    assert "from outside it is https://sentiment.example.com/project/predict" in _notes(*PROD)
    assert "from outside it is http://*/project/predict" in _notes(*ISTIO)
    host = "ingress.enabled=true,ingress.host=a.example,ingress.tlsSecret=t"
    assert "from outside it is https://a.example/project/predict" in _notes("--set", host)
    routed = "gatewayApi.gateway.tlsSecret=t,gatewayApi.hosts[0]=b.example"
    assert "from outside it is https://b.example/project/predict" in _notes(*GATEWAY, "--set", routed)
    assert "from outside it is http://(any host)/project/predict" in _notes(*GATEWAY)
    assert "from outside" not in _notes()
