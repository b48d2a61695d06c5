"""Model folders for the steered engine: a real manifest over a small file."""

from pathlib import Path
from typing import Any

from shared.broker.fleet import DEFAULT_LABELS
from worker.digests import file_digest
from worker.engines.facts import Source
from worker.engines.manifest import MANIFEST, Manifest


def write_model(folder: Path, built_at: int, labels: tuple[str, ...] = DEFAULT_LABELS, **facts: Any) -> Path:
    """Write a model folder with a valid manifest; its version and its scores depend on the folder's name.

    Args:
        folder: the folder.
        built_at: see `Manifest.built_at`.
        labels: see `Manifest.labels`.
        facts: further members of the manifest.
    """
    folder.mkdir(parents=True)
    (folder / "weights.bin").write_text(folder.name)
    manifest = Manifest(
        schema_version=1,  # workers of the release before read it too
        name=folder.name,
        source=Source(kind="folder", name=folder.name, revision="0"),
        labels=labels,
        quantisation="none",
        built_at=built_at,
        files={"weights.bin": file_digest(folder / "weights.bin")},
        **facts,
    )
    (folder / MANIFEST).write_bytes(manifest.encode())
    return folder
