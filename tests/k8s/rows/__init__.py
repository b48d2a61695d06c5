"""The rows of the table, a module each; importing one enters it into `tests.k8s.row.ROWS`."""

from tests.k8s.rows import dry_run, flood, install, kills, outages, rollout, scale_downs, series, soak, uninstall

__all__ = ["dry_run", "flood", "install", "kills", "outages", "rollout", "scale_downs", "series", "soak", "uninstall"]
