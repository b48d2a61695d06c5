"""The folder of remembered jobs."""

import pytest

from client.cli.memory import folder, recall

FOLDERS = {
    "XDG_STATE_HOME": ({"XDG_STATE_HOME": "/state", "HOME": "/home/me"}, "/state/sentiment/jobs"),
    "HOME": ({"HOME": "/home/me"}, "/home/me/.local/state/sentiment/jobs"),
    "an empty XDG_STATE_HOME": ({"XDG_STATE_HOME": "", "HOME": "/home/me"}, "/home/me/.local/state/sentiment/jobs"),
    "a relative XDG_STATE_HOME": ({"XDG_STATE_HOME": "x", "HOME": "/home/me"}, "/home/me/.local/state/sentiment/jobs"),
    "an empty HOME": ({"HOME": ""}, None),
    "a relative HOME": ({"HOME": "x"}, None),
}


@pytest.mark.parametrize(("variables", "place"), FOLDERS.values(), ids=FOLDERS)
def test_where_jobs_are_remembered(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], place: str | None
) -> None:
    for name in ("HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (str(folder()) if folder() else None) == place
    assert recall() == []
