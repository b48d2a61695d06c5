"""The k6 scripts, and how k6 is called."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

SCRIPTS: Final = Path(__file__).parents[1] / "k6"
_HOW_TO_GET_K6: Final = (
    "k6 is not on PATH: install it as https://grafana.com/docs/k6/latest/set-up/install-k6/ says "
    "(it is under the AGPL, so nothing here installs it)."
)


class CannotRunError(Exception):
    """The message is the one sentence that the user gets."""


def scenarios() -> list[str]:
    """Return the names of all scripts."""
    return sorted(path.stem for path in SCRIPTS.glob("*.js"))


def command(scenario: str) -> list[str]:
    """Return the call of k6 for a scenario.

    Raises:
        CannotRunError: there is no such scenario, or no k6.
    """
    known = scenarios()
    if scenario not in known:
        raise CannotRunError(f"there is no scenario {scenario!r}; there are {', '.join(known)}")
    k6 = shutil.which("k6")
    if k6 is None:
        raise CannotRunError(_HOW_TO_GET_K6)
    return [k6, "run", "--include-system-env-vars", str(SCRIPTS / f"{scenario}.js")]


def environment(base_url: str, more: Mapping[str, str]) -> dict[str, str]:
    """Return what the script and k6 are told; all of this process's variables, so that its settings reach the script.

    The summary is asked for in the form that the scripts read, whatever k6's default is.
    """
    return {**os.environ, "BASE_URL": base_url, "K6_NEW_MACHINE_READABLE_SUMMARY": "false", **more}
