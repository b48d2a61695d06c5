"""The reference of all commands, generated from their parsers."""

import argparse
from collections.abc import Iterator
from typing import Any, Final

import click

from client.cli.main import cli
from worker.__main__ import parser as worker_parser

_HEAD: Final = """# Commands

`sentiment` is the command for users of a service ([how](../client.md)), `python -m worker` the one for its operators.
Both have `--help`. `make help` lists the commands of the repository.

This page is made from the commands themselves (`make docs`).
"""
_WIDTH: Final = 100


def page() -> str:
    """Return the page in Markdown."""
    return "".join([_HEAD, *_sentiment(cli, "sentiment", None), *_worker(worker_parser())])


def _sentiment(command: click.Command, name: str, parent: click.Context | None) -> Iterator[str]:
    settings = {**command.context_settings, "terminal_width": _WIDTH}
    context = command.context_class(command, info_name=name, parent=parent, **settings)
    yield f"\n## {context.command_path}\n\n```\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            assert found
            yield from _sentiment(found, below, context)


def _worker(parser: argparse.ArgumentParser) -> Iterator[str]:
    commands = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))  # noqa: SLF001
    meanings = {choice.dest: choice.help for choice in commands._choices_actions}  # noqa: SLF001
    for name, command in commands.choices.items():
        yield f"\n## {command.prog}\n\n{_sentence(meanings[name])}\n"
        rows = [_row(action) for action in command._actions if not isinstance(action, argparse._HelpAction)]  # noqa: SLF001
        if rows:
            yield "\n| | default | |\n|---|---|---|\n" + "".join(rows)


def _row(action: argparse.Action) -> str:
    names = ", ".join(f"`{name}`" for name in action.option_strings) or f"`{action.dest}`"
    names += "".join(f" `{choice}`" for choice in action.choices or ())
    default = "" if action.default in {None, False} else f" `{action.default}`"
    return f"| {names} |{default} | {_sentence(_expanded(action))} |\n"


def _expanded(action: argparse.Action) -> str:
    values: dict[str, Any] = vars(action) | {"prog": ""}
    return (action.help or "") % values


def _sentence(text: str | None) -> str:
    assert text, "every command and option says what it is"
    return text[0].upper() + text[1:].rstrip(".") + "."
