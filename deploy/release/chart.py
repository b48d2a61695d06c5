"""The chart's package."""

from typing import Final

from api.version import VERSION
from deploy.chart.tools import CHART, tool
from deploy.release.step import ARTIFACTS, call, require

PACKAGE: Final = ARTIFACTS / f"sentiment-{VERSION}.tgz"
_PROFILES: Final = ("values.yaml", "values-dev.yaml", "values-prod.yaml")


def package_chart() -> str:
    """Lint the chart, package it, and render the package with each of its profiles.

    Raises:
        StepError: Helm refuses it.
    """
    helm = tool("helm")
    call(helm, "lint", "--strict", CHART)
    call(helm, "package", CHART, "--destination", ARTIFACTS)
    require(PACKAGE.exists(), f"{PACKAGE.name} was not made")
    objects = []
    for profile in _PROFILES:
        rendered = call(helm, "template", "release", PACKAGE, "--values", CHART / profile)
        objects.append(f"{profile}: {rendered.count(chr(10) + 'kind: ')} objects")
    return f"{PACKAGE.name}; {'; '.join(objects)}"
