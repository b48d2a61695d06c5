"""The group of all commands, and how it ends."""

import sys
from typing import Any, Final

import click

from client.cli.completion import completion
from client.cli.file import file
from client.cli.jobs import jobs
from client.cli.model import model
from client.cli.predict import predict
from client.cli.process.ending import CommandError, Exit, as_command_error
from client.cli.process.signals import ending_by_signal, listen
from client.cli.process.streams import drop_output, prepare
from client.cli.status import status
from client.errors import SentimentError
from client.version import VERSION

_HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


_TOLD: Final = {Exit.FAILED, Exit.USAGE, Exit.NOT_NOW}
"""Codes of ends that have had their sentence."""


class _Commands(click.Group):
    """Ends by the signal where click would end with 1, and says where options stand."""

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """Read the line, which shows the help if that is asked for."""
        with ending_by_signal():
            return super().make_context(*args, **options)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options before the command."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if any(error.option_name in parameter.opts for parameter in predict.params):
                name = error.option_name
                raise click.UsageError(f"{name} stands behind the command: sentiment predict {name} …", ctx) from None
            raise

    def invoke(self, ctx: click.Context) -> Any:
        """Run the chosen command."""
        with ending_by_signal():
            return super().invoke(ctx)


@click.group(cls=_Commands, context_settings=_HELP)
@click.version_option(VERSION, prog_name="sentiment")
def cli() -> None:
    """The labels of a text classifier: for a sentence, a file of them, or as jobs.

    Exit codes: 0 done, 1 failed, 2 the line is wrong, 3 done but some texts failed, 4 the service is away or too busy.
    """


for command in (predict, file, jobs, model, status, completion):
    cli.add_command(command)


def main() -> None:
    """Run the command and end the process."""
    with ending_by_signal():
        listen()
        prepare()
        code = _run()
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            code = code if code in _TOLD else _show(_named(error))
            drop_output()
    sys.exit(code)


def _run() -> int:
    try:
        result = cli.main(prog_name="sentiment", standalone_mode=False)
    except SentimentError as error:
        return _show(as_command_error(error))
    except OSError as error:
        return _show(_named(error))
    except CommandError as error:
        return _show(error)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    return int(result or Exit.DONE)


def _named(error: OSError) -> CommandError:
    """Return a sentence about a file; one without a name is stdout."""
    return CommandError(f"{error.filename or 'stdout'}: {error.strerror or error}")


def _show(error: CommandError) -> int:
    error.show()
    return error.code
