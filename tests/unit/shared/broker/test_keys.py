from hypothesis import given
from hypothesis import strategies as st

from shared.broker.keys import Keyspace, text_key
from shared.contract.names import LANES

texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(texts, texts)
def test_keys_are_equal_exactly_when_texts_are(one: str, other: str) -> None:
    assert (text_key("v1", one) == text_key("v1", other)) == (one == other)


@given(texts)
def test_a_new_model_version_never_meets_the_old_ones_answers(text: str) -> None:
    assert text_key("v1", text) != text_key("v2", text)


@given(texts)
def test_a_key_holds_no_text_and_has_a_fixed_size(text: str) -> None:
    version, _, digest = text_key("0123456789abcdef", text).partition(":")
    assert version == "0123456789abcdef"
    assert len(digest) == 32
    assert set(digest) <= set("0123456789abcdef")


def test_unicode_forms_are_different_texts() -> None:
    assert text_key("v", "\u00e9") != text_key("v", "e\u0301")


def test_namespaces_share_nothing() -> None:
    def names(keys: Keyspace) -> set[str]:
        plain = {
            keys.workers,
            keys.active,
            keys.models,
            keys.events,
            keys.replies("p"),
            keys.answer("k"),
            keys.claim("k"),
        }
        return plain | {f(lane) for lane in LANES for f in (keys.backlog, keys.backlog_tokens, keys.queue)}

    one, other = names(Keyspace("one")), names(Keyspace("other"))
    assert len(one) == 13
    assert not one & other
