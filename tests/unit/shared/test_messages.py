from hypothesis import given
from hypothesis import strategies as st

from shared.contract import Item, Lane
from shared.messages import chunk_by_tokens, encode_message

items = st.lists(st.integers(8, 518).map(lambda tokens: Item("k", "t", tokens, 0, "r")))


@given(items, st.integers(8, 600))
def test_chunks_keep_the_order_and_the_limit(texts: list[Item], most: int) -> None:
    chunks = chunk_by_tokens(texts, most)
    assert [item for chunk in chunks for item in chunk] == texts
    assert all(len(chunk) == 1 or sum(item.tokens for item in chunk) <= most for chunk in chunks)
    assert all(chunks)


def test_a_text_shows_nowhere_in_a_message_but_in_its_encoded_body() -> None:
    message = encode_message([Item("k", "my secret", 9, 0, "r")], Lane.INTERACTIVE)
    assert b"secret" not in message
    assert b"(1 texts, about 9 tokens)" in message
