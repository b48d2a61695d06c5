"""The k6 scripts, and how k6 is called."""

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
    """The message is the one sentence that the user gets."""


def command(scenario: str) -> list[str]:
    """Return the call of k6 for a scenario.

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
    """Return the script of a scenario; all but the headline are profiles of one script."""
    return SCRIPTS / ("headline.js" if scenario == "headline" else "profile.js")


def environment(scenario: str, base_url: str, more: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of k6: all of this process's, so that its settings reach the script, and the scenario's.

    The summary is asked for in the form that the scripts read, whatever k6's default is.
    """
    own = {"BASE_URL": base_url, "PROFILE": scenario, "K6_NEW_MACHINE_READABLE_SUMMARY": "false"}
    return {**os.environ, **own, **more}
