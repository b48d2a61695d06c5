"""The documents about the Compose file agree with the file."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
EXAMPLE = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
VARIABLE = re.compile(r"\$\{([A-Z_]+):-((?:[^{}$]|\$\{[^}]*\})*)\}")


def _defaults() -> dict[str, set[str]]:
    """Return the defaults of each variable; a default that is a variable itself is replaced by its own."""
    found: dict[str, set[str]] = {}
    for name, default in VARIABLE.findall(COMPOSE):
        inner = VARIABLE.fullmatch(default)
        found.setdefault(name, set()).add(inner[2] if inner else default)
    return found


def test_every_variable_has_one_default() -> None:
    assert {name: len(defaults) for name, defaults in _defaults().items() if len(defaults) > 1} == {}
    assert COMPOSE.replace("$$", "").count("${") == len(VARIABLE.findall(COMPOSE)) + len(
        [default for _, default in VARIABLE.findall(COMPOSE) if "${" in default]
    )


def test_the_example_shows_each_variable_with_its_default() -> None:
    unlisted = {"API_IMAGE", "WORKER_IMAGE", "REVISION"}
    assert {name: EXAMPLE.get(name) for name in _defaults() if name not in unlisted} == {
        name: next(iter(defaults)) for name, defaults in _defaults().items() if name not in unlisted
    }
    assert EXAMPLE.keys() <= _defaults().keys()
