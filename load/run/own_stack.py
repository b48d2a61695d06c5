"""Running k6 on a newly started product with free ports."""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from load.run.scripts import environment
from shared.process.settings import Settings
from shared.stack.layout import Layout
from shared.stack.ports import free_port
from shared.stack.run import run_stack

_STOP_SECONDS: Final = 30.0


@dataclass
class _Run:
    scenario: str
    command: Sequence[str]
    settings: Settings
    exit_code: int = 1

    async def work(self, layout: Layout) -> None:
        """Run k6 to its end; if the stack must stop before, k6 can print its summary first."""
        keys = self.settings.api_key_list
        more = {"PREFIX": self.settings.path_prefix} | ({"API_KEY": keys[0]} if keys else {})
        # In a separate session, so that Ctrl-C in a terminal reaches k6 only through this process.
        process = await asyncio.create_subprocess_exec(
            *self.command, env=environment(self.scenario, layout.api, more), start_new_session=True
        )
        try:
            self.exit_code = await process.wait()
        finally:
            if process.returncode is None:
                await _stop(process)


async def _stop(process: asyncio.subprocess.Process) -> None:
    process.terminate()
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def run(scenario: str, command: Sequence[str], settings: Settings) -> int:
    """Start the product, run k6 and stop the product; return k6's exit code, or 1 if the product failed."""
    own = settings.model_copy(update={"api_port": free_port(), "flower_port": free_port()})
    k6 = _Run(scenario, command, own)
    with tempfile.TemporaryDirectory(prefix="sentiment-load-") as data:
        code = asyncio.run(run_stack(own, Path(data), k6.work))
    return code or k6.exit_code
