from shared.contract.messages import encode_message
from shared.contract.names import Item, Lane


def test_a_text_shows_nowhere_in_a_message_but_in_its_encoded_body() -> None:
    message = encode_message([Item("k", "my secret", 9, 0, "r")], Lane.INTERACTIVE)
    assert b"secret" not in message
    assert b"(1 texts, about 9 tokens)" in message
