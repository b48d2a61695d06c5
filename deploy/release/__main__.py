"""``make release-check``: build the artefacts of a release into ``build/release/artifacts``, and check them."""

import argparse
import hashlib
import shutil
import sys
import time
from collections.abc import Callable
from typing import Final

from deploy.release.chart import package_chart
from deploy.release.installed import run_api, run_client, run_product
from deploy.release.platforms import resolve_platforms
from deploy.release.sbom import write_sboms
from deploy.release.step import ARTIFACTS, StepError
from deploy.release.versions import check_versions
from deploy.release.wheels import build_wheels
from deploy.release.workflows import check_workflows

SUMS: Final = "SHA256SUMS"


def write_sums() -> str:
    """Write the digests of all artefacts in the form that ``sha256sum --check`` reads."""
    files = sorted(path for path in ARTIFACTS.iterdir() if path.name != SUMS)
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (ARTIFACTS / SUMS).write_text("".join(lines), "utf-8")
    return f"{len(files)} files in {SUMS}"


STEPS: Final[dict[str, Callable[[], str]]] = {
    "versions": check_versions,
    "workflows": check_workflows,
    "wheels": build_wheels,
    "client": run_client,
    "api": run_api,
    "product": run_product,
    "chart": package_chart,
    "sbom": write_sboms,
    "platforms": resolve_platforms,
    "sums": write_sums,
}
"""The steps in their order; later ones use what earlier ones have built."""


def main() -> int:
    """Run the steps, and return 1 if one has failed."""
    parser = argparse.ArgumentParser(prog="python -m deploy.release", description=__doc__)
    parser.add_argument("--only", default="", help=f"steps, joined by commas, on what is built: {', '.join(STEPS)}")
    chosen = [name for name in parser.parse_args().only.split(",") if name] or list(STEPS)
    if unknown := set(chosen) - STEPS.keys():
        parser.error(f"no such step: {', '.join(sorted(unknown))}")
    if len(chosen) == len(STEPS):
        shutil.rmtree(ARTIFACTS, ignore_errors=True)
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    for name in chosen:
        began = time.monotonic()
        try:
            note = STEPS[name]()
        except StepError as error:
            sys.stderr.write(f"{name}: failed\n{error}\n")
            return 1
        sys.stdout.write(f"{name}: {note} ({time.monotonic() - began:.0f} s)\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
