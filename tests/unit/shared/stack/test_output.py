import os
from contextlib import suppress
from io import BytesIO, StringIO, TextIOWrapper

from shared.stack.output import Output


def test_lines_carry_their_part_in_a_column() -> None:
    stream = StringIO()
    output = Output(stream, ["api", "broker"])
    output.line("api", "serving")
    output.line("broker", "ready")
    output.say("done")
    assert stream.getvalue() == "api    | serving\nbroker | ready\nstack  | done\n"


def test_the_last_lines_are_kept_when_nothing_is_shown() -> None:
    stream = StringIO()
    output = Output(stream, ["api"], quiet=True)
    for i in range(30):
        output.line("api", str(i))
    assert output.tail("api") == [str(i) for i in range(10, 30)]
    assert output.tail("nobody") == []
    assert not stream.getvalue()


def test_a_reader_that_has_gone_is_no_reason_to_stop() -> None:
    stream = StringIO()
    output = Output(stream, ["api"])
    stream.close()
    output.line("api", "unheard")
    output.line("api", "still unheard")
    assert output.tail("api") == ["unheard", "still unheard"]


def test_what_the_stream_cannot_encode_is_escaped() -> None:
    buffer = BytesIO()
    output = Output(TextIOWrapper(buffer, "ascii"), ["api"])
    output.line("api", "caf\u00e9")
    output.line("api", "and on")
    assert buffer.getvalue() == b"api   | caf\\xe9\napi   | and on\n"


def test_a_closed_terminal_is_no_reason_to_stop() -> None:
    master, slave = os.openpty()
    stream = os.fdopen(slave, "w")
    output = Output(stream, ["api"])
    os.close(master)
    output.line("api", "unheard")
    output.line("api", "still unheard")
    with suppress(OSError):  # what it could not write is still in its buffer
        stream.close()
    assert output.tail("api") == ["unheard", "still unheard"]
