"""The command ``sentiment``."""

import signal


def main() -> None:
    """Run the command and end the process; Ctrl-C ends it at once while its modules are imported."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from client.cli.main import main as run  # noqa: PLC0415 - see above

    run()
