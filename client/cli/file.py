"""``sentiment file``: every row of a file."""

import os
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from time import monotonic
from typing import Any

import click

from client.cli.answers import ALL_SCORES, DETAILS, SEPARATOR, Answers
from client.cli.files.formats import Format, input_format, output_format
from client.cli.files.journal import digest_of
from client.cli.files.output import File, Output, Stream, is_device, named
from client.cli.files.rows import Reading, read_table
from client.cli.files.table import Row, Table
from client.cli.files.written import Written
from client.cli.memory import Remembered, remember
from client.cli.model import awaited
from client.cli.options import SECONDS, WORD, Target, service_options
from client.cli.process.ending import CommandError, Exit
from client.cli.progress import Progress
from client.cli.source import open_input
from client.models import Job, Outcome, TextFailure
from client.sync import SentimentClient

_FORMATS = click.Choice([kind.value for kind in Format])
_WRITTEN = click.Choice([kind.value for kind in Format if kind is not Format.PARQUET])
_MOST_REASONS = 10


@dataclass(frozen=True)
class _Options:
    """The options of the command, besides the service's address."""

    source: str
    output: str
    column: str | None
    format: str | None
    to: str | None
    encoding: str | None
    delimiter: str | None
    quotes: bool
    prefix: str
    errors: bool
    fresh: bool
    patience: float
    job_rows: int | None
    all_scores: bool
    details: bool
    separator: str

    def reading(self, kind: Format) -> Reading:
        """Return how to read the file, which is of this format."""
        return Reading(kind, self.column, self.encoding, self.delimiter, self.quotes)


def _one_character(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    character = "\t" if value == "\\t" else value
    if character is not None and (len(character) != 1 or character in '\r\n"\ufeff'):
        raise click.BadParameter("one character, and no quote mark, line end or byte order mark")
    return character


@click.command(short_help="Classify every row of a file.")
@click.argument("source", metavar="FILE", type=click.Path(dir_okay=False))
@click.option(
    "-c",
    "--column",
    type=WORD,
    help="Name of the column with the texts, or its position from 1 [text, or the only column].",
)
@click.option("-o", "--output", default="-", type=click.Path(dir_okay=False), help="Where to; stdout without.")
@click.option("--format", type=_FORMATS, help="Of FILE, if its name does not tell.")
@click.option("--to", type=_WRITTEN, help="Of the output, if its name does not tell [as FILE's; of txt, csv].")
@click.option("--encoding", type=WORD, help="Of FILE, if it is not UTF-8. The output is UTF-8.")
@click.option(
    "--delimiter", type=WORD, metavar="CHAR", callback=_one_character, help="Between fields [, in csv, tab in tsv]."
)
@click.option("--quotes/--no-quotes", default=True, help="Whether quote marks enclose fields [they do].")
@click.option("--prefix", type=WORD, default="", help="Before the names of the new columns, label and score.")
@ALL_SCORES
@DETAILS
@SEPARATOR
@click.option("--errors", is_flag=True, help="Add a column with the reasons of rows that failed.")
@click.option("--fresh", is_flag=True, help="Begin anew: take up no unfinished output and no earlier jobs.")
@click.option(
    "--patience",
    type=SECONDS,
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="How long the service may be away.",
)
@click.option("--job-rows", type=click.IntRange(min=1), help="Most rows of a job [as many as the service takes].")
@service_options
def file(target: Target, **given: Any) -> Exit:
    """Classify every row of FILE (csv, tsv, txt, ndjson, parquet; - is stdin) by jobs.

    The output has FILE's columns, label and score, and the rows in their order. It appears when it is whole. After
    Ctrl-C or a crash of anything, run the same line again: it goes on, and computes nothing twice. A name that
    ends in .gz means gzip.

    \b
      sentiment file reviews.csv --column text -o out.csv
    """
    options = _Options(**given)
    kind = input_format(options.format, options.source)
    to = output_format(options.to, options.output, kind)
    with target.connect() as client, open_input(options.source) as source:
        table = read_table(source, options.reading(kind), to)
        card = awaited(client, target, options.patience)
        answers = Answers(card, options.separator, options.all_scores, options.details)
        written = Written(table, to, answers, prefix=options.prefix, errors=options.errors)
        with closing(_output(options, client, to, answers)) as output:
            return _Run(options, target, client, table, written, output).go(source.size)


class _Run:
    """One run of the command.

    Args:
        options: see `_Options`.
        target: how to talk.
        client: knows the service.
        table: what is read.
        written: makes the output's bytes.
        output: where they go.
    """

    def __init__(
        self,
        options: _Options,
        target: Target,
        client: SentimentClient,
        table: Table,
        written: Written,
        output: Output,
    ) -> None:
        self._options = options
        self._target = target
        self._client = client
        self._table = table
        self._written = written
        self._output = output
        self._known: set[str] = set()
        self._rows = self._failed = 0

    def go(self, size: int | None) -> Exit:
        """Run the command, and print a summary."""
        began = monotonic()
        done = self._output.skip(self._table.rows, self._options.source)
        self._rows, self._failed = done.rows, done.failed
        if done.end:
            self._target.say(f"Going on after {done.rows:,} rows that are done.")
        else:
            self._output.write(self._written.head, 0, 0, digest_of([]))
        progress = Progress(self._options.source, size, hidden=self._target.quiet)
        try:
            with progress:
                self._classify(progress)
        except KeyboardInterrupt:
            self._target.say(f"Interrupted after {done.rows + progress.answered:,} rows. {self._output.kept}")
            raise
        self._output.finish()
        failed = f", {self._failed:,} of them without an answer" if self._failed else ""
        self._target.say(f"{self._rows:,} rows{failed}, {monotonic() - began:.1f} s: {self._output.name}")
        return Exit.TEXTS_FAILED if self._failed else Exit.DONE

    def _classify(self, progress: Progress) -> None:
        def moved(job: Job) -> None:
            self._remember(job)
            progress.moved(job)

        groups = self._client.run_groups(
            progress.reading(self._table.rows),
            lambda row: row.text,
            weigh=lambda row: row.weight,
            wanted=self._written.wanted,
            timeout=self._options.patience,
            job_texts=self._options.job_rows,
            salt=self._output.salt,
            listener=moved,
        )
        for group, outcomes in groups:
            rows = group.items
            failed = self._complain(rows, outcomes)
            self._output.write(self._written.block(rows, outcomes), len(rows), failed, digest_of(rows))
            self._rows += len(rows)
            progress.finished(len(rows), rows[-1].position)

    def _complain(self, rows: Sequence[Row], outcomes: Sequence[Outcome]) -> int:
        """Say why rows failed, of the first few, and count all."""
        failed = 0
        for row, outcome in zip(rows, outcomes, strict=True):
            if isinstance(outcome, TextFailure):
                failed += 1
                self._failed += 1
                if self._failed <= _MOST_REASONS:
                    self._target.say(f"row {row.number}: {outcome.code}: {outcome.detail}")
        return failed

    def _remember(self, job: Job) -> None:
        if job.id not in self._known:
            self._known.add(job.id)
            created = job.created_at.isoformat(timespec="seconds")
            service = self._client.service_name
            remember(Remembered(job.id, self._client.url, service, self._options.source, job.total, created))


def _output(options: _Options, client: SentimentClient, to: Format, answers: Answers) -> Output:
    """Open the output; a run is resumed only if it would write the same."""
    salt = token_hex(8) if options.fresh else ""
    if options.output == "-":
        return Stream(sys.stdout.buffer, "stdout", salt)
    path = Path(options.output)
    with named(options.output):
        if is_device(path):
            return Stream(path.open("wb"), options.output, salt)
        if path.exists() and options.source != "-" and path.samefile(options.source):
            raise CommandError("FILE and the output are the same", Exit.USAGE)
        path = Path(os.path.realpath(path)) if path.is_symlink() else path
    same = ("column", "format", "encoding", "delimiter", "quotes", "prefix", "errors")
    run = {f"--{name}": str(getattr(options, name)) for name in same} | {"--to": str(to)}
    run["service"] = f"{client.url}/{client.service_name}"
    run |= answers.run(table=to is not Format.NDJSON)
    return File.open(path, run, fresh=options.fresh)
