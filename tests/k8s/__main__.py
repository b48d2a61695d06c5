"""``python -m tests.k8s``: install the chart on the cluster that KUBECONFIG names, scale it, break it, watch it."""

import argparse
import shlex
import sys
from pathlib import Path

import pytest

from shared.contract.errors import SentimentError
from tests.k8s import cluster
from tests.k8s.run import DELIVER


class _Images:
    """Hands the way to deliver the images to the fixture `images`."""

    def __init__(self, options: argparse.Namespace, context: str) -> None:
        self._options = options
        self._context = context

    def pytest_configure(self, config: pytest.Config) -> None:
        """Keep it where fixtures find it."""
        config.stash[DELIVER] = self._deliver

    def _deliver(self) -> None:
        if not self._options.no_build:
            load = shlex.split(self._options.load)
            cluster.deliver(self._context, load, lambda line: print(f"  {line}", file=sys.stderr))


def main() -> int:
    """Run the rows; 1 if one has failed, 2 if there is no cluster for it."""
    options = _parser().parse_args()
    try:
        context = cluster.require_cluster(anywhere=options.anywhere)
    except SentimentError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    command = ["-p", "tests.support.rows", "--capture=no", "--tb=short", "--timeout=0", f"--rows={options.rows}"]
    command += ["--write", str(options.write)] if options.write else []
    return int(pytest.main([*command, str(Path(__file__).parent)], plugins=[_Images(options, context)]))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.k8s", description=__doc__)
    parser.add_argument("--rows", default="", help="which, joined by commas; all otherwise (tests/k8s/README.md)")
    parser.add_argument("--load", default="", help="command that hands an image to the cluster (kind's is known)")
    parser.add_argument("--no-build", action="store_true", help="the images are on the cluster already")
    parser.add_argument("--anywhere", action="store_true", help="the cluster is no production, whatever its name")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the rows into the file's table")
    return parser


if __name__ == "__main__":
    sys.exit(main())
