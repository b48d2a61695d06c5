"""Reading Parquet files, some rows at a time."""

import json
import math
from collections.abc import Iterator
from typing import Any, Final

from client.cli.files.columns import place_of
from client.cli.files.formats import Dialect, Format
from client.cli.files.table import Row, Table, text_in
from client.cli.process.ending import CommandError, Exit
from client.cli.source import Source, packed

_ROWS: Final = 1000
"""Rows in memory at once."""
_BUFFER: Final = 64 * 1024
"""Bytes read at once of each column, so that a row group of any size is not read as a whole."""


def parquet(source: Source, column: str | None, *, as_objects: bool) -> Table:
    """Open a Parquet file.

    Args:
        source: the file.
        column: see `read_table`.
        as_objects: whether rows become lines of JSON, with numbers and lists, rather than fields.

    Raises:
        CommandError: it cannot be read, or has no such column.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra
        from pyarrow.parquet import ParquetFile  # noqa: PLC0415
    except ImportError:
        raise CommandError("Parquet files need another package: pip install pyarrow", Exit.USAGE) from None
    size = source.size
    if size is None or packed(source.name):
        raise CommandError(
            f"{source.name}: Parquet is read from a file alone, neither packed nor from a pipe", Exit.USAGE
        )
    try:
        file = ParquetFile(source.file, pre_buffer=False, buffer_size=_BUFFER)
    except (pa.ArrowException, OSError):
        raise CommandError(f"{source.name} is not Parquet, or damaged") from None
    header: list[str] = file.schema_arrow.names
    place = place_of(header, column, source.name)

    def rows() -> Iterator[Row]:
        for number, values in enumerate(_values(pa, file, source.name), 1):
            cells = [_plain(value) for value in values]
            content = _object(header, cells) if as_objects else [_cell(cell) for cell in cells]
            cell = cells[place]
            text = _cell(cell) if isinstance(cell, str | int | float) and not isinstance(cell, bool) else None
            yield Row(number, content, text_in(text), size * number // file.metadata.num_rows)

    return Table(Format.PARQUET, header, rows(), Dialect(Format.CSV.delimiter))


def _values(pa: Any, file: Any, name: str) -> Iterator[tuple[Any, ...]]:
    """Give the values of each row; times as text, which Python's own cannot hold to the nanosecond."""
    try:
        for batch in file.iter_batches(batch_size=_ROWS, use_threads=False):
            columns = [c.cast(pa.string()) if pa.types.is_temporal(c.type) else c for c in batch.columns]
            yield from zip(*(column.to_pylist() for column in columns), strict=True)
    except (pa.ArrowException, OSError, ValueError, LookupError) as error:
        raise CommandError(f"{name} is damaged, or holds values that cannot be read ({type(error).__name__})") from None


def _plain(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case bytes():
            return _decoded(value)
        case list() | tuple():
            return [_plain(part) for part in value]
        case dict():
            return {str(key): _plain(part) for key, part in value.items()}
        case _:
            return str(value)


def _decoded(value: bytes) -> Any:
    """Return bytes as the text that they usually are, or as hexadecimal digits in a list, which is no text."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return [value.hex()]


def _object(header: list[str], cells: list[Any]) -> str:
    return json.dumps(dict(zip(header, cells, strict=True)), ensure_ascii=False)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
