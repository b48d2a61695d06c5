"""A checkout as a reader has it, with the product running in it."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from deploy.site.layout import ROOT
from shared.stack.ports import free_port
from tests.support.command import environment
from tests.support.waiting import wait_for

SECONDS = 240
_USUAL_API, _USUAL_FLOWER = "127.0.0.1:8000", "127.0.0.1:5555"


class Desk:
    """A folder that looks like the repository, in which `make run` runs on ports of its own.

    Args:
        folder: where.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "sentiment"
        self.folder.mkdir()
        for entry in ROOT.iterdir():
            if entry.name not in {".git", ".run", ".venv", "build"}:
                (self.folder / entry.name).symlink_to(entry)
        (self.folder / ".venv").symlink_to(sys.prefix)
        self._ports = {_USUAL_API: f"127.0.0.1:{free_port()}", _USUAL_FLOWER: f"127.0.0.1:{free_port()}"}
        self._log = folder / "make-run.log"
        api, flower = (address.rpartition(":")[2] for address in self._ports.values())
        own = {
            "SENTIMENT_API_PORT": api,
            "SENTIMENT_FLOWER_PORT": flower,
            "SENTIMENT_URL": f"http://127.0.0.1:{api}",
            "XDG_STATE_HOME": str(folder / "state"),
            # The environment is there, and must not be installed anew from here, whatever is younger.
            "MAKEFLAGS": "-o .venv/.run -o .venv/.dev",
            "ARGS": "",  # those of the make that runs this test are not for `make run`
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        self._environment = environment(**own)
        with self._log.open("wb") as output:
            self._make = subprocess.Popen(
                ["/usr/bin/env", "make", "run"],
                cwd=self.folder,
                env=self._environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait_for(lambda: "is up" in self.said or self._make.poll() is not None, "make run", 100)
            assert self._make.poll() is None, self.said
        except BaseException:
            self.stop()
            raise

    @property
    def said(self) -> str:
        """The output of `make run`."""
        return self._log.read_text(errors="replace")

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run the commands of a document in one shell; addresses of the usual ports mean those of this stack."""
        for usual, own in self._ports.items():
            script = script.replace(usual, own)
        done = subprocess.run(
            ["/bin/bash", "-e", "-u", "-o", "pipefail", "-c", script],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        for usual, own in self._ports.items():
            done.stdout = done.stdout.replace(own, usual)
        return done

    def stop(self) -> None:
        """Press Ctrl-C, and kill what does not listen."""
        if self._make.poll() is None:
            os.killpg(self._make.pid, signal.SIGINT)
            try:
                self._make.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self._make.pid, signal.SIGKILL)
                self._make.wait(30)


def matches(expected: str, output: str, *, json: bool) -> bool:
    """Whether an output holds what a document shows: `…` stands for anything, and JSON may be wrapped as it likes."""
    gap = "" if json else " "
    parts = (re.escape(re.sub(r"\s+", gap, part)) for part in expected.strip().split("…"))
    return bool(re.search(".*?".join(parts), re.sub(r"\s+", gap, output)))
