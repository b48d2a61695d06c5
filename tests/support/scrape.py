"""Reading the metrics of a process."""

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.support.plain import NO_CERTIFICATES


def scrape(url: str) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """Read a metrics page, and return its samples by name, then by sorted labels."""
    response = httpx.get(f"{url}/metrics", timeout=10, verify=NO_CERTIFICATES).raise_for_status()
    samples: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(response.text):
        for sample in family.samples:
            samples.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return samples


def total(url: str, name: str, **labels: str) -> float:
    """Return the sum of the samples with a name and labels."""
    wanted = labels.items()
    return sum(value for found, value in scrape(url).get(name, {}).items() if wanted <= dict(found).items())
