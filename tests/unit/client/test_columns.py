"""Which column has the texts: by name, by position, or not to be told."""

import pytest

from client.cli.files.formats import Format
from client.cli.process.ending import CommandError
from tests.unit.client.passing import passed, read

FOUND = {
    "the usual name": ("id,text", None, 2),
    "the only column": ("review", None, 1),
    "a name": ("id,review", "review", 2),
    "a position": ("id,review", "2", 2),
    "the first position": ("id,review", "1", 1),
    "a position of two of one name": ("text,text", "2", 2),
    "a name before a position": ("2,review", "2", 1),
    "a position beside a name that is a number": ("2,review", "1", 1),
    "two others of one name": ("id,id,text", None, 3),
    "two columns without a name": (",,text", None, 3),
    "a position of one without a name": (",,text", "1", 1),
}
REFUSED = {
    "two of the usual name": ("text,id,text", None, "columns 1 and 3 have one name, 'text': say --column 1 or 3"),
    "two of a name": ("x,y,y", "y", "columns 2 and 3 have one name, 'y': say --column 2 or 3"),
    "three of a name": ("y,y,y", "y", "columns 1, 2 and 3 have one name, 'y': say --column 1, 2 or 3"),
    "two of a name that is a number": ("1,1", "1", "columns 1 and 2 have one name, '1'"),
    "no such name": ("id,review", None, "no column 'text'; it has 'id', 'review'"),
    "position 0": ("id,review", "0", "no column '0'"),
    "a position too far": ("id,review", "3", "no column '3'"),
    "a negative position": ("id,review", "-1", "no column '-1'"),
    "a fraction": ("id,review", "1.0", "no column '1.0'"),
    "another script's digit": ("id,review", "\u0661", "no column '\u0661'"),
    "a power": ("id,review", "²", "no column '²'"),
    "more digits than Python takes for a number": ("id,review", "9" * 5000, "no column '99"),
}
TO_OBJECTS = {
    "two of one name": ("id,id,text", None),
    "two without a name": (",,text", None),
    "the texts' own name": ("text,text", "1"),
}


def table(header: str) -> bytes:
    cells = ",".join(f"cell {place}" for place, _ in enumerate(header.split(","), 1))
    return f"{header}\n{cells}\n".encode()


@pytest.mark.parametrize(("header", "column", "place"), FOUND.values(), ids=FOUND)
def test_the_column_with_the_texts(header: str, column: str | None, place: int) -> None:
    assert read(table(header), Format.CSV, column=column).texts == [f"cell {place}"]
    head = passed(table(header), Format.CSV, Format.CSV, column=column).decode().splitlines()[0]
    assert head == f"{header},label,score"


@pytest.mark.parametrize(("header", "column", "sentence"), REFUSED.values(), ids=REFUSED)
def test_a_column_that_cannot_be_told(header: str, column: str | None, sentence: str) -> None:
    with pytest.raises(CommandError) as caught:
        read(table(header), Format.CSV, column=column)
    assert caught.value.code == 2
    assert sentence in str(caught.value)


@pytest.mark.parametrize(("header", "column"), TO_OBJECTS.values(), ids=TO_OBJECTS)
def test_an_object_cannot_hold_two_columns_of_one_name(header: str, column: str | None) -> None:
    with pytest.raises(CommandError, match=r"columns 1 and 2 have one name, '.*', and a JSON object") as caught:
        passed(table(header), Format.CSV, Format.NDJSON, column=column)
    assert caught.value.code == 2


def test_a_position_is_a_key_in_ndjson() -> None:
    assert read(b'{"text": "a", "1": "b"}\n', Format.NDJSON, column="1").texts == ["b"]
    with pytest.raises(CommandError, match="no key '1'"):
        read(b'{"text": "a"}\n', Format.NDJSON, column="1")
