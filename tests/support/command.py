"""Running the console script ``sentiment`` as a separate process, as users do."""

import os
import signal
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(sys.executable).with_name("sentiment")
SECONDS = 110


def environment(**own: str) -> dict[str, str]:
    """Return this process's environment with given variables, without proxies, because services run on this machine."""
    return {name: value for name, value in os.environ.items() if "PROXY" not in name.upper()} | own


class Command:
    """Runs the script against one service.

    Args:
        url: base URL of the service.
        folder: working directory, which also contains the user's state.
    """

    def __init__(self, url: str, folder: Path) -> None:
        handle_signals()
        assert SCRIPT.exists(), "the package must be installed (make test does it)"
        self.folder = folder
        self.environment = environment(SENTIMENT_URL=url, XDG_STATE_HOME=str(folder / "state"), HOME=str(folder))

    def __call__(
        self, *arguments: str, stdin: bytes | str = b"", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the script to its end, and return the finished process."""
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
        """Start the script in a new session, as a shell with job control does."""
        return subprocess.Popen(
            [SCRIPT, *arguments],
            env=self.environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )


def handle_signals() -> None:
    """Make sure that child processes do not ignore SIGINT and SIGHUP.

    Children inherit that a signal is ignored, from a background process of a shell without job control (SIGINT) or of
    nohup (SIGHUP). A signal with a handler in this process gets its default action in a child.
    """
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, _go_on)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


def _go_on(*_: object) -> None:
    """Do nothing, as if the signal were still ignored."""


def interrupt(process: subprocess.Popen[bytes]) -> str:
    """Send SIGINT to a process, wait for its end, and return its standard error."""
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == -signal.SIGINT, said.decode()
    return said.decode()
