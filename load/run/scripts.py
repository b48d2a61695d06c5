"""The k6 scripts, and the command and environment of k6."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

SCRIPTS: Final = Path(__file__).parents[1] / "k6"
SCENARIOS: Final = ("burst", "cold", "headline", "lanes", "open", "skewed")
_HOW_TO_GET_K6: Final = (
    "k6 is not on PATH: install it as https://grafana.com/docs/k6/latest/set-up/install-k6/ says "
    "(it is under the AGPL, so nothing here installs it)."
)


class CannotRunError(Exception):
    """A scenario cannot be run; the message is one sentence for the user."""


def command(scenario: str) -> list[str]:
    """Return the command of k6 for a scenario.

    Raises:
        CannotRunError: there is no such scenario, or no k6.
    """
    if scenario not in SCENARIOS:
        raise CannotRunError(f"there is no scenario {scenario!r}; there are {', '.join(SCENARIOS)}")
    k6 = shutil.which("k6")
    if k6 is None:
        raise CannotRunError(_HOW_TO_GET_K6)
    return [k6, "run", "--include-system-env-vars", str(script(scenario))]


def script(scenario: str) -> Path:
    """Return the path of a scenario's script; all scenarios but the headline use the same script."""
    return SCRIPTS / ("headline.js" if scenario == "headline" else "profile.js")


def environment(scenario: str, base_url: str, more: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of k6: this process's variables, and those of the scenario.

    The variable for the summary selects the format that the scripts read, independent of k6's default.
    """
    own = {"BASE_URL": base_url, "PROFILE": scenario, "K6_NEW_MACHINE_READABLE_SUMMARY": "false"}
    return {**os.environ, **own, **more}
