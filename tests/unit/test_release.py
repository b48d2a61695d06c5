"""The rules for workflows of a fork, and the version that files repeat."""

from pathlib import Path

import pytest

from api.version import VERSION
from deploy.release.step import StepError
from deploy.release.versions import check_versions
from deploy.release.workflows import FOLDER, problems, verbs

SHA = "0" * 40
WRONG = {
    "uses: actions/checkout@v7": "actions/checkout@v7 is not pinned by a commit",
    f"uses: actions/checkout@{SHA[1:]}": "is not pinned by a commit",
    "run: pip install .": "'pip install .' is no verb of the Makefile",
    "run: make nonsense": "'make nonsense' is no verb of the Makefile",
    "run: make ci && true": "is no verb of the Makefile",
}


def test_workflows_are_pinned_and_run_verbs_alone() -> None:
    files = sorted(FOLDER.glob("*.yml"))
    assert [path.name for path in files] == ["ci.yml", "release.yml"]
    assert [broken for path in files for broken in problems(path)] == []
    assert {verb for path in files for verb in verbs(path)} == {"ci", "release-check"}


@pytest.mark.parametrize(("step", "sentence"), WRONG.items())
def test_another_step_is_refused(tmp_path: Path, step: str, sentence: str) -> None:
    path = tmp_path / "wrong.yml"
    path.write_text(
        f"permissions: {{}}\njobs: {{one: {{steps: [{{uses: a/b@{SHA}}}, {{run: make check}}, {{{step}}}]}}}}"
    )
    (found,) = problems(path)
    assert sentence in found


def test_rights_are_named(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yml"
    path.write_text("jobs: {one: {steps: [{run: make check}]}}")
    assert problems(path) == ["wrong.yml: no permissions"]


def test_a_tag_is_the_version_and_in_the_changelog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_REF_TYPE", "branch")
    assert VERSION in check_versions()
    monkeypatch.setenv("GITHUB_REF_TYPE", "tag")
    monkeypatch.setenv("GITHUB_REF_NAME", "v99.0.0")
    with pytest.raises(StepError, match=r"the tag is v99\.0\.0"):
        check_versions()
