"""Trace contexts: their ids in logs, and the context of an inference, which two programs compute alike."""

from shared.process.trace_context import current_ids, ids_of, inference_context, within

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAMPLED, UNSAMPLED = (f"00-{TRACE}-{SPAN}-{flags}" for flags in ("01", "00"))


def test_ids_are_there_inside_a_context_alone() -> None:
    assert current_ids() == {}
    with within(SAMPLED):
        assert current_ids() == {"trace_id": TRACE, "span_id": SPAN}
        with within(""):
            assert current_ids() == {}
    assert current_ids() == {}


def test_several_contexts_have_each_id_once() -> None:
    other = f"00-{TRACE}-{'1' * 16}-01"
    assert ids_of(f"{SAMPLED},{other}") == {"trace_id": TRACE, "span_id": f"{SPAN},{'1' * 16}"}


def test_an_inference_has_an_id_of_its_own_in_the_same_trace() -> None:
    contexts = {inference_context(SAMPLED, key) for key in ("v.2:a", "v.2:b", "v.2:a")}
    assert len(contexts) == 2
    for context in contexts:
        version, trace, span, flags = context.split("-")
        assert (version, trace, flags) == ("00", TRACE, "01")
        assert len(bytes.fromhex(span)) == 8
        assert span != SPAN


def test_an_inference_that_is_not_traced_has_no_context() -> None:
    assert inference_context("", "v.2:a") == inference_context(UNSAMPLED, "v.2:a") == ""
