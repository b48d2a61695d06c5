"""``python -m tests.k8s``: install the chart on the cluster that KUBECONFIG names, and see it scale."""

import argparse
import shlex
import sys
import time

from shared.errors import SentimentError
from tests.k8s import cluster
from tests.k8s.rows import ROWS


def main() -> int:
    """Run the rows; 1 if one has failed, 2 if there is no cluster for it."""
    options = _parser().parse_args()
    began = time.monotonic()

    def say(line: str) -> None:
        sys.stderr.write(f"  {time.monotonic() - began:5.0f} s  {line}\n")

    try:
        context = cluster.require_cluster(anywhere=options.anywhere)
        if not options.no_build:
            cluster.deliver(context, shlex.split(options.load), say)
    except SentimentError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    failed = False
    print(f"| row | on {context} | |\n|---|---|---|")
    for name in options.rows.split(","):
        say(f"row {name}")
        try:
            row = ROWS[name](say)
            print(f"| {name} | {row.title} | {'; '.join(row.facts)} |", flush=True)
        except (SentimentError, AssertionError) as error:
            failed = True
            print(f"| {name} | **failed** | {error} |", flush=True)
    return int(failed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.k8s", description=__doc__)
    parser.add_argument("--rows", default=",".join(ROWS), help=f"which, joined by commas ({','.join(ROWS)})")
    parser.add_argument("--load", default="", help="command that hands an image to the cluster (kind's is known)")
    parser.add_argument("--no-build", action="store_true", help="the images are on the cluster already")
    parser.add_argument("--anywhere", action="store_true", help="the cluster is no production, whatever its name")
    return parser


if __name__ == "__main__":
    sys.exit(main())
