"""Docker's command line, as far as the tests need it."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
PROJECT: Final = "sentiment-test"
_BUILD_SECONDS: Final = 1800


def docker(
    *arguments: str, check: bool = True, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a docker command in the repository's root.

    Raises:
        AssertionError: it failed; the message is what it said.
    """
    done = subprocess.run(
        ["docker", *arguments],  # noqa: S607 - wherever it is
        cwd=ROOT,
        env=os.environ | dict(environment or {}),
        capture_output=True,
        text=True,
        timeout=_BUILD_SECONDS,
        check=False,
    )
    assert done.returncode == 0 or not check, f"docker {' '.join(arguments)}: {done.stderr[-2000:]}"
    return done


def missing_engine() -> str:
    """Return why nothing can be tested here; empty if all is there."""
    if shutil.which("docker") is None:
        return "docker is not installed"
    for command in (["info"], ["compose", "version"], ["buildx", "version"]):
        done = docker(*command, check=False)
        if done.returncode:
            return f"docker {' '.join(command)} fails: {done.stderr.strip()[-200:]}"
    return ""


class Compose:
    """The composed stack under a project of its own.

    Args:
        settings: variables for the Compose file.
    """

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.settings = dict(settings)

    def __call__(self, *arguments: str) -> str:
        """Run a compose command and return its output."""
        return docker(
            "compose", "--project-name", PROJECT, "--env-file", os.devnull, *arguments, environment=self.settings
        ).stdout

    def containers(self, service: str = "") -> list[dict[str, Any]]:
        """Return the containers that run, as ``docker inspect`` describes them."""
        ids = self("ps", "--quiet", *([service] if service else [])).split()
        return self.inspect(ids)

    def ended(self, service: str) -> list[dict[str, Any]]:
        """Return all containers of a service, those that have ended too."""
        return self.inspect(self("ps", "--all", "--quiet", service).split())

    @staticmethod
    def inspect(ids: list[str]) -> list[dict[str, Any]]:
        """Describe containers."""
        return json.loads(docker("inspect", *ids).stdout) if ids else []


def image(name: str) -> dict[str, Any]:
    """Describe an image."""
    described: dict[str, Any] = json.loads(docker("image", "inspect", name).stdout)[0]
    return described


def own_megabytes(name: str, base: str) -> float:
    """Return the size of an image above its base, in MB of 10^6 bytes."""
    return (int(image(name)["Size"]) - int(image(base)["Size"])) / 1e6
