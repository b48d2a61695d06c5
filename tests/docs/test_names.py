"""The names in the documents exist: settings, verbs, modules, metrics, scripts."""

import importlib.util
import re

import pytest

from deploy.site.layout import ROOT
from shared.process.settings import Settings
from tests.docs.documents import all_documents, read

PREFIX = "SENTIMENT_"
SETTINGS = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
CLIENT = {"SENTIMENT_URL", "SENTIMENT_API_KEY", "SENTIMENT_SERVICE"}
COMPOSE = set(re.findall(r"\b(SENTIMENT_[A-Z_]+)", (ROOT / ".env.example").read_text("utf-8")))
VERBS = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
PAST = {"SENTIMENT_VISIBILITY_TIMEOUT"}
"""Named by the change log alone, which says that it is gone."""
DOCUMENTS = all_documents()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_variables_are_settings(document: str) -> None:
    named = set(re.findall(r"\bSENTIMENT_[A-Z_]*[A-Z]\b", read(document)))
    past = PAST if document == "CHANGELOG.md" else set()
    assert named - SETTINGS - CLIENT - COMPOSE - past == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_verbs_are_in_the_makefile(document: str) -> None:
    assert set(re.findall(r"(?:`|^)make ([a-z][a-z0-9-]*)", read(document), re.MULTILINE)) <= VERBS


@pytest.mark.parametrize("document", DOCUMENTS)
def test_modules_can_be_run(document: str) -> None:
    for module in set(re.findall(r"python3? -m ([a-z0-9_.]+)", read(document))):
        found = importlib.util.find_spec(module)
        assert found, f"{document}: {module}"
        package = found.submodule_search_locations
        assert package is None or importlib.util.find_spec(f"{module}.__main__"), f"{document}: {module}"
