"""Results of the engines as a table for people, and as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from load.bench.engine.alternate import NOISY, Ratio, ratio
from load.bench.engine.contenders import YARDSTICK, Case, work
from worker.engines.weights import Shape

_MS: Final = 1000


@dataclass(frozen=True)
class Cell:
    """One contender in one case."""

    ms: float
    """Of a text."""
    faster: Ratio
    """Than the yardstick, one by one."""
    share: float
    """Of the core's int8 peak, by the work that the contender does; 0 where the peak is not known."""

    def __str__(self) -> str:
        share = f", {self.share:.0%}" if self.share else ""
        return f"{self.ms:.2f} ({self.faster.value:.2f} x{share}){' ?' if self.faster.noisy else ''}"


@dataclass(frozen=True)
class Line:
    """One case."""

    case: Case
    cells: Mapping[str, Cell]
    """By contender."""


def line(shape: Shape, case: Case, blocks: Mapping[str, Sequence[float]], peak: float) -> Line:
    """Make a line of the table from the seconds of a call in each block."""
    cells = {}
    for name, own in blocks.items():
        seconds, done = median(own), work(shape, case, whole=name == YARDSTICK)
        share = done / seconds / peak if peak else 0.0
        cells[name] = Cell(seconds / len(case.lengths) * _MS, ratio(blocks[YARDSTICK], own), share)
    return Line(case, cells)


def table(title: str, lines: Sequence[Line]) -> str:
    """Return Markdown: ms a text, how many times as fast as the yardstick, and the share of the peak."""
    names = list(lines[0].cells)
    rows = [f"| {title} | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    rows += [f"| {own.case.name} | {' | '.join(str(own.cells[name]) for name in names)} |" for own in lines]
    return "\n".join(rows)


def verdict(lines: Sequence[Line]) -> str:
    """Say whether the machine was quiet enough."""
    ratios = [cell.faster for own in lines for name, cell in own.cells.items() if name != YARDSTICK]
    noisy = sum(found.noisy for found in ratios)
    if not noisy:
        return f"Every ratio differs by at most {max(found.spread for found in ratios):.0%} between the rounds."
    return (
        f"{noisy} of {len(ratios)} ratios (marked ?) differ by more than {NOISY:.0%} between the rounds: "
        "the machine was too busy to measure them."
    )


def data(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Return the lines for JSON."""
    return [
        {
            "case": own.case.name,
            "lengths": own.case.lengths,
            "contenders": {
                name: {
                    "ms": cell.ms,
                    "faster": cell.faster.value,
                    "spread": cell.faster.spread,
                    "noisy": cell.faster.noisy,
                    "share": cell.share,
                }
                for name, cell in own.cells.items()
            },
        }
        for own in lines
    ]
