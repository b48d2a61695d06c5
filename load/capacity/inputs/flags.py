"""Command-line flags and files for the plan: `--group.field VALUE` is `{"group": {"field": VALUE}}` in JSON."""

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from load.capacity.inputs.model import Plan

MEASURED: Final = Path(__file__).parents[1] / "measured.json"
_ABOUT: Final = ("measured", "source")
"""What a measured file says about itself."""


class InputError(Exception):
    """An input is wrong; the message is the one sentence that the user gets."""


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add `--measured`, `--input` and a flag for each field of a plan, its docstring as help."""
    parser.add_argument(
        "--measured", type=Path, default=MEASURED, help="measured service times, as `measure` writes them"
    )
    parser.add_argument("--input", type=Path, help="JSON file of any of the fields below; flags go before it")
    groups: dict[str, Any] = {}
    for path, help_text, default in _fields(Plan):
        group = path.partition(".")[0]
        if group not in groups:
            groups[group] = parser.add_argument_group(group)
        shown = "" if default is None else f" [{default}]"
        groups[group].add_argument(f"--{path}", metavar="X", dest=path, help=(help_text + shown).replace("%", "%%"))


def read_plan(options: argparse.Namespace) -> tuple[Plan, bool]:
    """Put the plan together: measured file, then input file, then flags.

    Returns:
        The plan, and whether its costs were measured.

    Raises:
        InputError: a file or a value is wrong.
    """
    measured = _read(options.measured)
    fields: dict[str, Any] = {name: value for name, value in measured.items() if name not in _ABOUT}
    if options.input is not None:
        fields = _merge(fields, _read(options.input))
    for path, value in vars(options).items():
        if value is not None and path in {name for name, _, _ in _fields(Plan)}:
            fields = _merge(fields, _nested(path, value))
    try:
        plan = Plan.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    return plan, bool(measured.get("measured"))


def _fields(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str, object]]:
    """Yield each single value's path, its help and its default; what has a structure of its own is for the file."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _fields(field.annotation, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", (field.description or "").replace("`", ""), field.default


def _nested(path: str, value: str) -> dict[str, Any]:
    fields: Any = json.loads(value) if value.startswith(("{", "[")) else value
    for name in reversed(path.split(".")):
        fields = {name: fields}
    return dict(fields)


def _merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one tree of fields over another; a length mix or a table is replaced as a whole."""
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
