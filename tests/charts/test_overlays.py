"""The overlays that `make overlays` writes, built by real kubectl."""

import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from deploy.chart.overlays import OVERLAYS, main, write_overlay
from deploy.chart.tools import CHART, helm, tool
from shared.contract.errors import SentimentError

NAMESPACE = "somewhere"
BUILT_IN = {"v1", "apps/v1", "policy/v1", "autoscaling/v2", "networking.k8s.io/v1"}


def _build(folder: Path) -> list[dict[str, Any]]:
    done = subprocess.run(
        [tool("kubectl"), "kustomize", folder], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return list(yaml.load_all(done.stdout, yaml.CSafeLoader))


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("overlays")
    for name in OVERLAYS:
        write_overlay(name, root / name, NAMESPACE)
    return {name: root / name for name in OVERLAYS}


@pytest.mark.parametrize("name", OVERLAYS)
def test_it_holds_what_helm_would_install_and_no_hook(folders: dict[str, Path], name: str) -> None:
    built = _build(folders[name])
    values = ["--values", str(CHART / f"values-{name}.yaml")]
    done = helm("template", "sentiment", str(CHART), "--namespace", NAMESPACE, "--no-hooks", *values)
    installed = {(d["kind"], d["metadata"]["name"]) for d in yaml.load_all(done.stdout, yaml.CSafeLoader) if d}
    # What lets Helm's test pods through is not needed; in dev, one password serves every Flower.
    installed -= {("NetworkPolicy", "sentiment-project-test"), ("Secret", "sentiment-project-flower")}
    installed |= {("Secret", "sentiment-flower")} if name == "dev" else set()
    assert {(d["kind"], d["metadata"]["name"]) for d in built} == installed
    assert "helm.sh/hook" not in str(built)
    assert {d["metadata"]["namespace"] for d in built} == {NAMESPACE}
    assert {d["metadata"].get("labels", {}).get("app.kubernetes.io/managed-by") for d in built} == {"kustomize"}


@pytest.mark.parametrize("name", OVERLAYS)
def test_kubernetes_knows_it(folders: dict[str, Path], name: str) -> None:
    for document in _build(folders[name]):
        if document["apiVersion"] in BUILT_IN:
            kubernetes_validate.validate(document, "1.36", strict=True)


def test_rendered_again_nothing_changes(folders: dict[str, Path]) -> None:
    before = {file: file.read_text() for file in folders["dev"].rglob("*") if file.is_file()}
    said = write_overlay("dev", folders["dev"], NAMESPACE)
    assert len(said) == 1
    assert {file: file.read_text() for file in folders["dev"].rglob("*") if file.is_file()} == before


def test_what_a_component_has_lost_is_gone(folders: dict[str, Path]) -> None:
    (folders["dev"] / "old.yaml").write_text("kind: Old")
    write_overlay("dev", folders["dev"], NAMESPACE)
    assert not (folders["dev"] / "old.yaml").exists()


def test_dev_makes_passwords_that_only_the_owner_may_read(folders: dict[str, Path]) -> None:
    for file in (folders["dev"] / "secrets").iterdir():
        assert file.stat().st_mode & 0o077 == 0
    secrets = {
        d["metadata"]["name"]: d["data"].keys() for d in _build(folders["dev"]) if d["kind"] == "Secret" and "data" in d
    }
    assert secrets == {
        "sentiment-broker": {"password", "keda-password"},
        "sentiment-cache": {"password"},
        "sentiment-flower": {"password"},
    }


def test_prod_holds_no_password(folders: dict[str, Path]) -> None:
    secrets = [d for d in _build(folders["prod"]) if d["kind"] == "Secret"]
    assert [s["metadata"]["name"] for s in secrets] == ["sentiment-keda"]
    assert secrets[0]["stringData"].keys() == {"address", "username", "sentinel-master", "sentinel-username"}


def test_passwords_made_up_at_each_call_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SentimentError, match="name existingSecret of broker, cache and flower"):
        write_overlay("prod", tmp_path, NAMESPACE, ["--set", "cache.existingSecret="])
    with pytest.raises(SentimentError, match="additional properties 'nonsense' not allowed"):
        write_overlay("prod", tmp_path, NAMESPACE, ["--set", "nonsense=1"])


def test_the_command_takes_values_of_yours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("images: {api: {repository: registry.example/api}}")
    monkeypatch.setattr("sys.argv", ["overlays", "--output", str(tmp_path), "--values", str(mine), "--namespace", "n"])
    assert main() == 0
    assert "objects for the namespace n" in capsys.readouterr().out
    assert "registry.example/api:" in (tmp_path / "prod" / "project-api.yaml").read_text()
    mine.write_text("nonsense: 1")
    assert main() == 2
    assert capsys.readouterr().err.startswith("error: ")
