"""The console script ``sentiment`` as users run it: a process of its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(sys.executable).with_name("sentiment")
SECONDS = 110


def environment(**own: str) -> dict[str, str]:
    """Return this process's variables and own ones, without proxies, which no service on this machine is behind."""
    return {name: value for name, value in os.environ.items() if "PROXY" not in name.upper()} | own


class Command:
    """Runs the script against one service.

    Args:
        url: the service.
        folder: working directory, and home of the user's state.
    """

    def __init__(self, url: str, folder: Path) -> None:
        assert SCRIPT.exists(), "the package must be installed (make test does it)"
        self.folder = folder
        self.environment = environment(SENTIMENT_URL=url, XDG_STATE_HOME=str(folder / "state"), HOME=str(folder))

    def __call__(
        self, *arguments: str, stdin: bytes | str = b"", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        result = subprocess.run(
            [SCRIPT, *arguments],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            env=self.environment | environment,
            cwd=self.folder,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        return subprocess.CompletedProcess(
            result.args, result.returncode, result.stdout.decode(), result.stderr.decode()
        )

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start it, in a session of its own as under a job-control shell, and so that Ctrl-C ends it.

        What a shell without job control starts in the background ignores SIGINT, and so does each child to which that
        is passed on; a signal that has a handler is passed on as the default.
        """
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        return subprocess.Popen(
            [SCRIPT, *arguments],
            env=self.environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )


def interrupt(process: subprocess.Popen[bytes]) -> str:
    """Press Ctrl-C, wait for the end, and return what it said."""
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == -signal.SIGINT, said.decode()
    return said.decode()
