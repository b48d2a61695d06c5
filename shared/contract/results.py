"""The result of a text: the bytes that a worker publishes and that the text's claim keeps for some seconds."""

from typing import NamedTuple

from shared.contract.record import Record

FAILURE = b'{"error":{"code":"inference-failed","detail":"The model could not process this text."}}'
"""The body of a text whose inference raised an exception; only the worker's log has the reason."""


def is_failure(body: bytes) -> bool:
    """Whether a text's body is an error and not a prediction."""
    return body.startswith(b"{")


class Result(NamedTuple):
    """One text's answer or failure."""

    version: str
    """The model version that computed it, which may differ from the one in the key during a rollout."""
    micros: int
    """Microseconds of inference."""
    body: bytes
    """A prediction as JSON (`shared.contract.predictions`), or an error such as `FAILURE`."""
    head: bytes = b""
    """The head of the answer's record; empty where `Record.head` is."""

    @property
    def failed(self) -> bool:
        """Whether the body is an error and not a prediction."""
        return is_failure(self.body)

    @property
    def record(self) -> Record:
        """The record of the answer."""
        return Record(self.body, self.head)

    def encode(self) -> bytes:
        """Write ``version micros\\n`` and the record."""
        return b"%b %d\n%b%b" % (self.version.encode(), self.micros, self.head, self.body)

    @classmethod
    def decode(cls, data: bytes) -> "Result":
        """Return the result that `encode` has written.

        Raises:
            ValueError: the bytes are of another form.
        """
        line, newline, record = data.partition(b"\n")
        version, space, micros = line.partition(b" ")
        if not (newline and space):
            raise ValueError("not an encoded result")
        return cls(version.decode(), int(micros), *Record.decode(record))


def encode_reply(key: str, result: bytes) -> bytes:
    """Write a message for a reply channel: ``key\\n`` and the encoded result, as `finish.lua` does."""
    return key.encode() + b"\n" + result


def decode_reply(message: bytes) -> tuple[str, Result]:
    """Read a message of a reply channel.

    Raises:
        ValueError: the bytes are of another form.
    """
    key, newline, data = message.partition(b"\n")
    if not newline:
        raise ValueError("not a reply")
    return key.decode(), Result.decode(data)
