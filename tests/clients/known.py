"""The clients, their environments, and the document that says what each makes of a situation."""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from deploy.site.layout import DOCS, ROOT
from load.node import find_node
from tests.support.missing import missing
from tests.support.npm import install

ENVIRONMENTS: Final = ROOT / "build" / "clients"
_HERE: Final = Path(__file__).parent
_PAGE: Final = DOCS / "how-to" / "coming-from.md"


@dataclass(frozen=True, slots=True)
class Client:
    """One client in one mode."""

    name: str
    """Its name in the document."""
    environment: str
    """The folder of its environment, or `node`."""
    driver: str
    mode: str = ""
    top_k: bool = True
    """Whether it can ask for the highest labels only."""
    labels: int = 2
    """Number of labels of a text in its answer."""
    numbered: bool = False
    """Whether its answer has the number of the label, without a score."""
    key: bool = True
    """Whether it sends a key over plain HTTP."""
    batch: bool = True
    """Whether one call takes several texts."""

    @property
    def answers(self) -> dict[str, str]:
        """Its cells in the document's table of answers, by the head of the column."""
        all_labels = "all labels" if self.labels > 1 else "the highest label"
        return {
            "single": "the label's number" if self.numbered else all_labels,
            "batch": "one call" if self.batch else "a call for each text",
            "top_k": "right" if self.top_k else "cannot ask",
            "empty": "as any text",
        }

    def command(self, url: str, token: str) -> list[str]:
        """Return the command of its driver; the test is skipped, or fails in CI, if it is not installed."""
        if self.environment == "node":
            install(_HERE / "node")
            return [str(find_node()), str(_HERE / "node" / self.driver), url, token]
        python = ENVIRONMENTS / self.environment / "bin" / "python"
        if not python.exists():
            missing(f"{self.name} is not installed: make test-clients")
        return [str(python), str(_HERE / "drivers" / self.driver), self.mode, url, token]


CLIENTS: Final = (
    Client("`huggingface_hub`", "ci", "huggingface.py", "sync", batch=False),
    Client("`huggingface_hub`, asynchronous", "ci", "huggingface.py", "async", batch=False),
    Client("`@huggingface/inference`", "node", "huggingface.mjs", batch=False),
    Client("`tritonclient`, binary", "ci", "triton.py", "binary"),
    Client("`tritonclient`, JSON", "ci", "triton.py", "json"),
)
"""The clients that CI runs."""
MORE: Final = (
    Client("`kserve`, V1", "kserve", "kserve_rest.py", "v1", top_k=False),
    Client("`kserve`, V2", "kserve", "kserve_rest.py", "v2", top_k=False, labels=1, numbered=True),
    Client("`mlserver infer`", "mlserver", "mlserver_infer.py", "json", top_k=False, labels=1),
    Client("`mlserver infer`, binary", "mlserver", "mlserver_infer.py", "binary", top_k=False, labels=1),
    Client("`nemoguardrails`, `kserve`", "nemo", "nemo.py", "kserve", top_k=False, key=False, batch=False),
    Client("`nemoguardrails`, `vllm`", "nemo", "nemo.py", "vllm", top_k=False, labels=1, key=False, batch=False),
)
"""The clients of ``make test-clients ARGS=all``."""


class Driver:
    """The running driver of a client.

    Args:
        client: the client.
        url: URL of an API process.
        token: the key that it sends.
    """

    def __init__(self, client: Client, url: str, token: str) -> None:
        self._process = subprocess.Popen(
            client.command(url, token), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_environment()
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def ask(self, *texts: str, top_k: int | None = None) -> dict[str, Any]:
        """Make one call, and return what came of it."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"texts": texts, "top_k": top_k}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the driver has ended"
        said: dict[str, Any] = json.loads(line)
        return said


def _environment() -> dict[str, str]:
    """Return the environment without variables that would send a client elsewhere."""
    return {name: value for name, value in os.environ.items() if not re.match(r"(?i)hf_|.*_proxy$|sentiment_", name)}


def documented(client: Client) -> dict[str, str]:
    """Return the cells of a client's rows in the document's tables, by the head of the column."""
    cells: dict[str, str] = {}
    head: list[str] = []
    for line in _PAGE.read_text("utf-8").splitlines():
        if line.startswith("| "):
            row = [cell.strip() for cell in line.strip("| ").split("|")]
            head = row if row[0] == "client" else head
            if row[0] == client.name:
                cells |= zip(head, row, strict=True)
    return cells
