"""Plain tables, and words in them."""

from collections.abc import Collection, Sequence

from client.models import ServingEngine


def table(rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> str:
    """Align columns.

    Args:
        rows: all of the same length.
        right: indices of columns that stand to the right.
    """
    if not rows:
        return ""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def engine_words(engine: ServingEngine) -> str:
    """Return an engine with the number of its model processes."""
    return f"{' '.join(filter(None, (engine.name, engine.variant)))} in {engine.workers}"
