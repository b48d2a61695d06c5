"""Handling of settings as people and tools write them: white space, empty values, quotes, misspelled names."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final

PREFIX: Final = "SENTIMENT_"
CLIENT: Final = frozenset({"URL", "API_KEY", "SERVICE", "COMPLETE"})
"""Variables of the command `sentiment` without the prefix; they may be in the same environment."""
_CLOSE: Final = 0.85
"""Similarity of two names, from 0 to 1, from which one counts as a misspelling of the other."""


def tidy(values: Mapping[str, Any], may_be_empty: Iterable[str]) -> dict[str, Any]:
    """Return the values without surrounding white space, and without empty ones, which count as unset.

    A Kubernetes secret made with `echo` ends with a line break; Compose passes an unset variable as an empty one.

    Args:
        values: values by the name of the setting.
        may_be_empty: settings for which an empty value has a meaning.

    Raises:
        ValueError: a value is in quotes, because Docker's ``--env-file`` does not remove them.
    """
    tidied = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    for name, value in tidied.items():
        if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            raise ValueError(f"{PREFIX}{name.upper()} stands in quotes: write its value without them")
    return {name: value for name, value in tidied.items() if value != "" or name in may_be_empty}


def misspelled(environment: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Return the misspelled names of settings among the variables, each with the name that is probably meant.

    Args:
        environment: names of all variables.
        known: names of the settings, in lower case.
    """
    names = [f"{PREFIX}{name.upper()}" for name in known]
    exempt = {*names, *(PREFIX + name for name in CLIENT)}
    ours = (name for name in map(str.upper, environment) if name.startswith(PREFIX) and name not in exempt)
    return {name: near[0] for name in ours if (near := get_close_matches(name, names, n=1, cutoff=_CLOSE))}
