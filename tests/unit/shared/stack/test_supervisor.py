"""Real small processes, real signals."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path

import psutil
import pytest

from shared.stack.child import Child, Part
from shared.stack.errors import StackError
from shared.stack.output import Output
from shared.stack.supervisor import Supervisor

FOREVER = "import signal; print('up', flush=True); signal.pause()"
STUBBORN = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True)\nwhile True: signal.pause()"
)


def python(name: str, script: str, *arguments: str, **options: float) -> Part:
    return Part(name, (sys.executable, "-c", script, *arguments), **options)  # type: ignore[arg-type]


def parts_output(parts: list[Part]) -> tuple[StringIO, Output]:
    stream = StringIO()
    return stream, Output(stream, [part.name for part in parts])


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def supervise(parts: list[Part], scenario: Callable[[Supervisor, Output], Awaitable[None]]) -> str:
    """Start parts, run a scenario, stop them; return what was written."""
    stream, output = parts_output(parts)

    async def run() -> None:
        supervisor = Supervisor(parts, output)
        try:
            await supervisor.start()
            await scenario(supervisor, output)
        finally:
            await supervisor.stop()

    asyncio.run(run())
    return stream.getvalue()


def test_long_and_broken_lines_are_forwarded() -> None:
    script = "import sys; sys.stdout.buffer.write(b'x' * 300_000 + b'\\n\\xff\\xfe odd\\nlast'); sys.stdout.flush()"
    part = python("a", script)
    stream, output = parts_output([part])

    async def run() -> int:
        return await (await Child.start(part, output)).wait()

    assert asyncio.run(run()) == 0
    written = stream.getvalue()
    assert written.count("x") == 300_000
    assert "\ufffd\ufffd odd" in written
    assert written.endswith("last\n")


def test_what_ignores_the_signal_is_killed_with_its_children() -> None:
    script = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]); {STUBBORN}"
    part = python("a", script, stop_seconds=0.1)
    _, output = parts_output([part])

    async def run() -> None:
        child = await Child.start(part, output)
        await until(lambda: output.tail("a").count("up") == 2)
        family = psutil.Process(child.pid).children(recursive=True)
        assert family
        await child.stop()
        await until(lambda: not any(member.is_running() and member.status() != "zombie" for member in family))

    asyncio.run(run())


def test_a_program_that_does_not_exist() -> None:
    async def nothing(_supervisor: Supervisor, _output: Output) -> None: ...

    with pytest.raises(StackError, match="ghost cannot be started"):
        supervise([Part("ghost", ("/nowhere/at/all",))], nothing)


def test_a_part_that_ends_during_the_start_is_named_with_its_last_words() -> None:
    async def wait(supervisor: Supervisor, _output: Output) -> None:
        await supervisor.unless_failed(asyncio.sleep(60))

    with pytest.raises(StackError, match=r"(?s)bad cannot start: it ended with exit code 3.*no model"):
        supervise([python("good", FOREVER), python("bad", "print('no model'); raise SystemExit(3)")], wait)


def test_a_part_that_dies_later_is_started_again_with_one_line() -> None:
    async def scenario(supervisor: Supervisor, output: Output) -> None:
        await until(lambda: output.tail("a") == ["up"])
        supervisor.settle()
        supervisor._children["a"]._process.send_signal(signal.SIGKILL)
        await until(lambda: output.tail("a") == ["up", "up"])

    written = supervise([python("a", FOREVER)], scenario)
    assert written.count("a was killed by signal 9; starting it again") == 1


def test_the_sixth_death_within_a_minute_is_the_last() -> None:
    stream, output = parts_output([])

    async def run() -> None:
        supervisor = Supervisor([python("weak", "raise SystemExit(1)")], output)
        supervisor.settle()
        try:
            await supervisor.start()
            await supervisor.unless_failed(asyncio.sleep(60))
        finally:
            await supervisor.stop()

    with pytest.raises(StackError, match="6th death"):
        asyncio.run(run())
    assert stream.getvalue().count("starting it again") == 5


def test_parts_stop_in_reverse_order(tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = """
import signal, sys
def stop(*_):
    open(sys.argv[1], "a").write(sys.argv[2] + " ")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("up", flush=True)
while True:
    signal.pause()
"""
    names = ["first", "second", "third"]

    async def scenario(_supervisor: Supervisor, output: Output) -> None:
        await until(lambda: all(output.tail(name) for name in names))

    supervise([python(name, script, str(log), name) for name in names], scenario)
    assert log.read_text().split() == ["third", "second", "first"]


def test_a_part_waits_for_the_one_before_to_be_ready() -> None:
    answers = iter([False, False, True])
    asked = []

    async def ready() -> bool:
        asked.append(True)
        return next(answers)

    async def nothing(_supervisor: Supervisor, _output: Output) -> None:
        assert len(asked) == 3

    supervise([Part("a", (sys.executable, "-c", FOREVER), ready=ready), python("b", FOREVER)], nothing)


def test_a_failed_start_that_leaves_a_child_behind_still_stops_everything(tmp_path: Path) -> None:
    leave = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]); raise SystemExit(3)"
    log = tmp_path / "log"
    tidy = """
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: (open(sys.argv[1], "a").write("tidy"), sys.exit(0)))
print("up", flush=True)
while True:
    signal.pause()
"""
    parts = [python("good", tidy, str(log)), python("bad", leave)]
    _, output = parts_output(parts)

    async def up() -> bool:
        return output.tail("good") == ["up"]

    async def run() -> None:
        supervisor = Supervisor([replace(parts[0], ready=up), parts[1]], output)
        try:
            await supervisor.start()
            await supervisor.unless_failed(asyncio.sleep(60))
        finally:
            await supervisor.stop()

    with pytest.raises(StackError, match="bad cannot start: it ended with exit code 3"):
        asyncio.run(run())
    assert log.read_text() == "tidy"


def test_kill_reaches_the_part_that_is_being_stopped() -> None:
    part = python("slow", STUBBORN, stop_seconds=1000)
    _, output = parts_output([part])

    async def run() -> None:
        supervisor = Supervisor([part], output)
        await supervisor.start()
        await until(lambda: output.tail("slow") == ["up"])
        child = supervisor._children["slow"]
        stopping = asyncio.create_task(supervisor.stop())
        try:
            await asyncio.wait([stopping], timeout=0.1)  # so far that it waits for the part
            supervisor.kill()
            done, _ = await asyncio.wait([stopping], timeout=30)
            assert done
        finally:
            child.kill()
            await stopping

    asyncio.run(run())


def test_work_ends_with_the_one_who_waits_for_it() -> None:
    ended = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def scenario(supervisor: Supervisor, _output: Output) -> None:
        waiter = asyncio.create_task(supervisor.unless_failed(work()))
        await asyncio.wait([waiter], timeout=0.1)
        waiter.cancel()
        await asyncio.gather(waiter, return_exceptions=True)
        assert ended

    supervise([python("a", FOREVER)], scenario)
