"""``sentiment jobs``: the jobs that were submitted from this machine."""

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from typing import Any

import click
from click.shell_completion import CompletionItem

from client.card import ModelCard
from client.cli.answers import ALL_SCORES, DETAILS, SEPARATOR, Answers
from client.cli.memory import Remembered, folder, forget, recall, remember
from client.cli.model import served
from client.cli.options import WORD, Seconds, Target, service_options
from client.cli.process.ending import CommandError, Exit
from client.cli.progress import JobProgress
from client.cli.screen import table
from client.cli.source import open_input
from client.cli.text import Text, bare
from client.errors import JobExpiredError, JobUnknownError
from client.models import Job, Outcome, TextFailure
from client.sync import SentimentClient


def _ids(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(job.id, help=job.source) for job in recall() if job.id.startswith(incomplete)]


_job = click.argument("job_id", metavar="ID", type=WORD, shell_complete=_ids)
_json = click.option("--json", "as_json", is_flag=True, help="JSON, for programs.")


@click.group(short_help="Submit, list, show, wait for, cancel jobs.")
def jobs() -> None:
    """Submit, list, show, wait for, cancel jobs, and read their results."""


@jobs.command()
@click.argument("source", metavar="[FILE]", type=click.Path(dir_okay=False), default="-")
@click.option("--encoding", help="Of FILE, if it is not UTF-8.")
@click.option("--key", type=WORD, help="Idempotency key: the same key again gives the same job.")
@service_options
def submit(source: str, encoding: str | None, key: str | None, target: Target) -> Exit:
    """Submit the lines of FILE (or stdin) as one job and print its id."""
    with target.connect() as client, open_input(source) as given:
        texts = list(map(bare, Text(given, encoding).lines()))
        try:
            job = client.submit(texts, idempotency_key=key)
        except ValueError as error:
            raise CommandError(str(error), Exit.USAGE) from None
        created = job.created_at.isoformat(timespec="seconds")
        remember(Remembered(job.id, client.url, client.service_name, source, job.total, created))
    click.echo(job.id)
    return Exit.DONE


@jobs.command("list")
@click.option("--most", default=20, show_default=True, type=click.IntRange(min=1), help="So many, the newest.")
@_json
@service_options
def list_jobs(most: int, as_json: bool, target: Target) -> Exit:  # noqa: FBT001
    """List the jobs that you submitted from here.

    The service keeps no list of them.
    Those whose time is over are forgotten here too.
    """
    with target.connect() as client:
        mine = [job for job in recall() if (job.url, job.service) == (client.url, client.service_name)]
        states = [(job, _look(client, job.id)) for job in mine[:most]]
    forget(job.id for job, state in states if state is None)
    known = [(job, state) for job, state in states if isinstance(state, Job)]
    unknown = [job for job, state in states if isinstance(state, JobUnknownError)]
    if as_json:
        for job, state in known:
            click.echo(json.dumps(_document(state) | {"source": job.source}))
        return Exit.DONE
    heads = ("id", "status", "done", "of", "submitted", "from")
    rows = [
        (state.id, state.status, f"{state.done:,}", f"{state.total:,}", _time(state), job.source)
        for job, state in known
    ]
    rows += [(job.id, "unknown", "", f"{job.total:,}", job.created_at, job.source) for job in unknown]
    click.echo(table([heads, *rows], right={2, 3}) if rows else f"No jobs of {client.url} are remembered.")
    if unknown:
        target.say("unknown: the service does not know it, or it was submitted with another key.")
    where = folder() or "nothing is remembered: there is no home"
    target.say(f"Submitted by you on this machine ({where}); the service keeps no list.")
    return Exit.DONE


@jobs.command()
@_job
@_json
@service_options
def show(job_id: str, as_json: bool, target: Target) -> Exit:  # noqa: FBT001
    """Show how far a job is."""
    with target.connect() as client:
        _print(client.job(job_id), as_json=as_json)
    return Exit.DONE


@jobs.command()
@_job
@click.option("--within", type=Seconds(min=0), metavar="SECONDS", help="Give up then, with exit code 4.")
@_json
@service_options
def wait(job_id: str, within: float | None, as_json: bool, target: Target) -> Exit:  # noqa: FBT001
    """Wait until a job has ended; exit code 1 if it failed or was canceled."""
    with target.connect() as client, JobProgress(job_id, hidden=target.quiet) as progress:
        for job in client.watch(job_id, within=within):
            progress.moved(job)
    _print(job, as_json=as_json)
    return Exit.DONE if job.status == "succeeded" else Exit.FAILED


@jobs.command()
@_job
@_json
@service_options
def cancel(job_id: str, as_json: bool, target: Target) -> Exit:  # noqa: FBT001
    """Cancel a job; what has not begun never runs."""
    with target.connect() as client:
        _print(client.cancel(job_id), as_json=as_json)
    return Exit.DONE


@jobs.command()
@_job
@click.option("--offset", default=0, type=click.IntRange(min=0), help="Index of the first result.")
@ALL_SCORES
@DETAILS
@SEPARATOR
@_json
@service_options
def results(job_id: str, offset: int, as_json: bool, target: Target, **options: Any) -> Exit:  # noqa: FBT001
    """Print a job's results in the order of its texts: label and score, or ERROR or NONE.

    With --all-scores or --details, a first line names the columns. With --json, all scores are printed. Exit code 3 if
    not every text has an answer.
    """
    complete = True
    with target.connect() as client:
        answers = Answers(served(client) or ModelCard(), **options)
        if as_json:
            answers = replace(answers, all_scores=True)
        elif answers.all_scores or answers.details:
            click.echo("\t".join(answers.columns))
        write: Callable[[Answers, Outcome | None], str] = _as_json if as_json else _as_line
        wanted = answers.wanted
        for outcome in client.results(job_id, offset=offset, top_k=wanted.top_k, details=wanted.details):
            sys.stdout.write(write(answers, outcome))
            complete = complete and not isinstance(outcome, TextFailure | None)
    return Exit.DONE if complete else Exit.TEXTS_FAILED


def _look(client: SentimentClient, job_id: str) -> Job | JobUnknownError | None:
    """Return a job's state; None if its time is over."""
    try:
        return client.job(job_id)
    except JobUnknownError as error:
        return error
    except JobExpiredError:
        return None


def _document(job: Job) -> dict[str, Any]:
    document = asdict(job)
    del document["replayed"]
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in document.items()}


def _time(job: Job) -> str:
    return job.created_at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _print(job: Job, *, as_json: bool) -> None:
    document = _document(job)
    if as_json:
        click.echo(json.dumps(document))
        return
    rows: Iterable[tuple[str, ...]] = [(name.replace("_", " "), str(value)) for name, value in document.items()]
    click.echo(table([row for row in rows if row[1] != "None"]))


def _as_line(answers: Answers, outcome: Outcome | None) -> str:
    if outcome is None:
        return "NONE\t\n"
    if isinstance(outcome, TextFailure):
        return f"ERROR\t{outcome.code}\n"
    return "\t".join(answers.cells(outcome)) + "\n"


def _as_json(answers: Answers, outcome: Outcome | None) -> str:
    if outcome is None:
        return "null\n"
    if isinstance(outcome, TextFailure):
        return json.dumps({"error": {"code": outcome.code, "detail": outcome.detail}}) + "\n"
    return json.dumps(answers.members(outcome)) + "\n"
