"""``sentiment status``: one screen of how the service is."""

import json
import sys
import time
from dataclasses import asdict
from typing import Any, Final

import click

from client.cli.options import Seconds, Target, service_options
from client.cli.process.ending import Exit
from client.cli.screen import engine_words, table
from client.errors import ConnectionFailedError, SentimentError
from client.models import Health
from client.sync import SentimentClient
from client.version import VERSION

_MIB: Final = 1024 * 1024
_NOTHING: Final[dict[str, Any]] = {}


@click.command(short_help="Show health, traffic, queues and workers.")
@click.option("--watch", is_flag=True, help="Again and again, until Ctrl-C.")
@click.option("--every", default=2.0, show_default=True, type=Seconds(min=0.1), metavar="SECONDS", help="With --watch.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@service_options
def status(watch: bool, every: float, as_json: bool, target: Target) -> Exit:  # noqa: FBT001
    """Show health, traffic, queues and workers, over all API processes; exit code 1 if something is missing."""
    with target.open() as client:
        while True:
            screen, code = _look(client, as_json=as_json)
            if watch and sys.stdout.isatty() and not as_json:
                click.clear()
            click.echo(screen)
            if not watch:
                return code
            sys.stdout.flush()
            time.sleep(every)


def _look(client: SentimentClient, *, as_json: bool) -> tuple[str, Exit]:
    """Return the lines to show, and the exit code."""
    try:
        health = client.health()
        version = client.service().version
    except ConnectionFailedError as error:
        document: dict[str, Any] = {"url": client.url, "ok": False, "error": str(error)}
        return (json.dumps(document) if as_json else str(error)), Exit.NOT_NOW
    stats = _stats(client)
    code = Exit.DONE if health.ok else Exit.FAILED
    if as_json:
        document = {"url": client.url, "service": client.service_name, "version": version, "ok": health.ok}
        document |= {"parts": health.parts, "warnings": health.warnings, "stats": stats}
        document |= {"engines": [asdict(engine) for engine in health.engines]}
        return json.dumps(document), code
    return _screen(client, health, version, stats), code


def _stats(client: SentimentClient) -> dict[str, Any] | None:
    try:
        return client.stats()
    except SentimentError:
        return None


def _screen(client: SentimentClient, health: Health, version: str, stats: dict[str, Any] | None) -> str:
    verdict = "everything works" if health.ok else "something is missing"
    servers = (stats or _NOTHING).get("redis", _NOTHING)
    lines = [
        f"{client.url}/{client.service_name}   {verdict}",
        f"service {version or 'of unknown version'}, client {VERSION}",
        "",
        table([(name, state, _memory(servers.get(name, _NOTHING))) for name, state in health.parts.items()]),
        *(f"warning: {warning}" for warning in health.warnings),
        "",
    ]
    if stats is None:
        return "\n".join([*lines, f"No figures: {client.url}/{client.service_name}/stats cannot be read from here."])
    jobs = "unknown" if stats["jobs"] is None else f"{stats['jobs']:,}"
    lines += [
        _traffic(stats["minute"]),
        "",
        _lanes(stats["lanes"]),
        "",
        f"open jobs {jobs}, model {stats['active'] or 'none'}, API processes {stats['processes']}",
        *([f"engines {', '.join(map(engine_words, health.engines))}"] if health.engines else ()),
    ]
    return "\n".join(lines)


def _traffic(minute: dict[str, Any]) -> str:
    """Return the outcomes of the last minute's synchronous requests as words."""
    if not minute["seconds"]:
        return "last minute   nothing counted yet"
    answered = minute["hits"] + minute["misses"]
    rate = f"{minute['requests'] / minute['seconds']:,.1f} requests/s"
    if not answered:
        return f"last minute   {rate}, none answered"
    return (
        f"last minute   {rate}, {minute['hits'] / answered:.0%} hits\n"
        f"              hits p50 {_ms(minute['hit']['p50'])}, p99 {_ms(minute['hit']['p99'])}; "
        f"misses p50 {_ms(minute['miss']['p50'])}, p99 {_ms(minute['miss']['p99'])}\n"
        f"              503: {minute['unavailable']:,}, 504: {minute['late']:,}, 500: {minute['failed']:,}"
    )


def _lanes(lanes: dict[str, Any] | None) -> str:
    if lanes is None:
        return "Queues are unknown while the broker is away."
    heads = ("lane", "workers", "messages", "unfinished", "oldest", "work")
    rows = [
        (
            name,
            str(lane["workers"]),
            f"{lane['messages']:,}",
            f"{lane['items']:,}",
            f"{lane['oldest']:.1f} s",
            f"{lane['tokens'] / lane['tokens_per_second']:.1f} s" if lane["tokens_per_second"] else "nobody there",
        )
        for name, lane in lanes.items()
    ]
    return table([heads, *rows], right={1, 2, 3, 4, 5})


def _ms(value: float | None) -> str:
    return "none" if value is None else f"{value:,.1f} ms"


def _memory(server: dict[str, Any]) -> str:
    """Say how full a Redis is."""
    used, limit = server.get("memory") or 0, server.get("limit") or 0
    if not used:
        return ""
    return f"{used / _MIB:,.0f} MiB" + (f" of {limit / _MIB:,.0f}" if limit else "")
