"""Real processes of the product, whose output is kept for a test that fails."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
STOP_SECONDS = 60


class Process:
    """A child process of a test.

    Args:
        module: module that runs as ``python -m``.
        arguments: arguments after the module.
        environment: variables that are added to this process's environment.
        log: file for its output.
        code: folder from which the product's packages are imported; None for this checkout.
        python: its interpreter.
        inside: beginning of the command, which makes the process run elsewhere.
    """

    def __init__(
        self,
        module: str,
        arguments: list[str],
        environment: dict[str, str],
        log: Path,
        code: Path | None = None,
        python: Path = Path(sys.executable),
        inside: Sequence[str] = (),
    ) -> None:
        self._log = log
        with log.open("ab") as output:
            self._child = subprocess.Popen(
                [*inside, python, "-m", module, *arguments],
                env=os.environ | environment | ({"PYTHONPATH": str(ROOT)} if code else {}),
                cwd=code,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def alive(self) -> bool:
        return self._child.poll() is None

    @property
    def output(self) -> str:
        return self._log.read_text(errors="replace")

    def terminate(self) -> int:
        """Send SIGTERM, wait for the end, and return the exit code."""
        self._child.send_signal(signal.SIGTERM)
        return self._child.wait(STOP_SECONDS)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process, but not to its children."""
        self._child.send_signal(number)

    def kill(self) -> None:
        """Kill the process and all its children."""
        if self.alive:
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait(STOP_SECONDS)

    def wait(self) -> int:
        return self._child.wait(STOP_SECONDS)
