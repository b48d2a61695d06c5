"""Command-line flags and files for the plan: `--group.field VALUE` is `{"group": {"field": VALUE}}` in JSON."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_settings import BaseSettings, CliSettingsSource, SettingsConfigDict

from load.capacity.inputs.model import Plan

MEASURED: Final = Path(__file__).parents[1] / "measured.json"
_ABOUT: Final = ("measured", "source")
"""Fields of a measured file that describe the file."""


class InputError(Exception):
    """An input is wrong; the message is one sentence for the user."""


class _Flags(Plan, BaseSettings):
    """The plan's fields as flags."""

    model_config = SettingsConfigDict(extra="forbid", use_attribute_docstrings=True)


Flags = CliSettingsSource[argparse.ArgumentParser]


def add_flags(parser: argparse.ArgumentParser) -> Flags:
    """Add `--measured`, `--input` and a flag for each field of a plan; return the reader of the flags."""
    parser.add_argument(
        "--measured", type=Path, default=MEASURED, help="measured service times, as `measure` writes them"
    )
    parser.add_argument("--input", type=Path, help="JSON file of any of the fields below; flags go before it")
    return CliSettingsSource(_Flags, root_parser=parser, cli_avoid_json=True, cli_hide_none_type=True)


def read_plan(options: argparse.Namespace) -> tuple[Plan, bool]:
    """Read a plan: the input file overrides the measured file, and flags override both.

    Returns:
        The plan, and whether its costs were measured.

    Raises:
        InputError: a file or a value is wrong.
    """
    measured = _read(options.measured)
    fields: dict[str, Any] = {name: value for name, value in measured.items() if name not in _ABOUT}
    if options.input is not None:
        fields = _merge(fields, _read(options.input))
    try:
        plan = Plan.model_validate(_merge(fields, options.flags(parsed_args=options)()))
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    return plan, bool(measured.get("measured"))


def _merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return a tree of fields in which `over` overrides `under`; a length mix or a table is replaced as a whole."""
    merged = dict(under)
    for name, value in over.items():
        whole = name in ("length_mix", "seconds_by_tokens") or not isinstance(value, Mapping)
        merged[name] = value if whole else _merge(under.get(name, {}), value)
    return merged


def _read(file: Path) -> dict[str, Any]:
    try:
        fields = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise InputError(f"{file} cannot be read as JSON: {error}") from None
    if not isinstance(fields, dict):
        raise InputError(f"{file} holds no JSON object")
    return fields
