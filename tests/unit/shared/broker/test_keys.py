import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.broker.keys import KEYS, Keyspace, Lifetime, read_text_key, text_key
from shared.contract.names import LANES, Lane
from shared.contract.record import FORM

KEYSPACE = Keyspace("n")
texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(texts, texts)
def test_keys_are_equal_exactly_when_texts_are(one: str, other: str) -> None:
    assert (text_key("v1", one) == text_key("v1", other)) == (one == other)


@given(texts)
def test_a_new_model_version_never_meets_the_old_ones_answers(text: str) -> None:
    assert text_key("v1", text) != text_key("v2", text)


@given(texts)
def test_a_key_holds_no_text_and_has_a_fixed_size(text: str) -> None:
    key = text_key("0123456789abcdef", text)
    prefix, _, digest = key.partition(":")
    assert prefix == "0123456789abcdef.2"
    assert read_text_key(key) == ("0123456789abcdef", FORM)
    assert len(digest) == 32
    assert set(digest) <= set("0123456789abcdef")


def test_keys_of_other_releases_are_read() -> None:
    assert read_text_key("0123456789abcdef:d") == ("0123456789abcdef", 1)
    assert read_text_key("0123456789abcdef.3:d") == ("0123456789abcdef", 3)
    with pytest.raises(ValueError, match="invalid literal"):
        read_text_key("v.x:d")


def test_unicode_forms_are_different_texts() -> None:
    assert text_key("v", "\u00e9") != text_key("v", "e\u0301")


def test_the_names_are_those_of_earlier_releases() -> None:
    """API and worker of two releases meet under these names during a rollout."""
    permanent = {key.name for key in KEYS if key.life is Lifetime.PERMANENT}
    assert {name for name in permanent if not name.startswith(("_kombu", "*"))} == {
        "workers", "active", "models", "cards", "interactive", "bulk", "backlog:interactive", "backlog:bulk",
        "backlog:interactive:tokens", "backlog:bulk:tokens", "jobs:secret", "jobs:bytes", "jobs:open", "jobs:waiting",
        "jobs:running", "jobs:tickets", "jobs:line", "jobs:resent",
    }  # fmt: skip
    assert {key.name for key in KEYS if key.life is not Lifetime.PERMANENT} == {
        "answer:*", "claim:*", "tries:*", "quota:*", "stats:1", "job:*", "job:*:texts", "job:*:results",
        "jobs:idempotency:*", "jobs:swept", "taken:*",
    }  # fmt: skip
    assert [KEYSPACE.events, KEYSPACE.job_events, KEYSPACE.replies("p")] == ["n:events", "n:jobs:events", "n:replies:p"]


def test_every_attribute_is_the_name_that_its_declaration_says() -> None:
    singles = {value for name in vars(Keyspace) if isinstance(value := getattr(KEYSPACE, name), str)}
    assert {f"n:{key.name}" for key in KEYS if "*" not in key.name and "kombu" not in key.name} <= singles | {
        name(lane) for name in (KEYSPACE.queue, KEYSPACE.backlog, KEYSPACE.backlog_tokens) for lane in LANES
    }
    assert KEYSPACE.job_texts("j") == "n:job:j:texts"
    assert KEYSPACE.backlog_tokens(Lane.BULK) == "n:backlog:bulk:tokens"
    assert KEYSPACE.claim("v:k") == "n:claim:v:k"


def test_lua_spells_no_key_but_those_of_a_job() -> None:
    for file in files("shared.broker.scripts").iterdir():
        if file.name.endswith(".lua"):
            code = "\n".join(line.partition("--")[0] for line in file.read_text("utf-8").splitlines())
            suffixes = set(re.findall(r"\.\. '(:[^']+)'", code))
            assert suffixes <= {":texts", ":results"}, file.name
            assert not re.search(r"KEYS\[\d+\] \.\.", code), file.name


def test_namespaces_share_nothing() -> None:
    assert not {KEYSPACE.workers, KEYSPACE.claim("k")} & {Keyspace("o").workers, Keyspace("o").claim("k")}
