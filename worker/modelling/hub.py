"""The files of a model that transformers saved, and their download from the hub at a pinned revision."""

import logging
from pathlib import Path
from typing import Final

from shared.contract.errors import ModelError

WEIGHTS: Final = "model.safetensors"
TOKENIZER: Final = "tokenizer.json"
CONFIG: Final = "config.json"
VOCABULARIES: Final = ("vocab.txt", "vocab.json", "sentencepiece.bpe.model", "spiece.model", "spm.model")
"""One of these where an older model has no `TOKENIZER`."""
FILES: Final = (
    WEIGHTS,
    TOKENIZER,
    CONFIG,
    *VOCABULARIES,
    "merges.txt",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
)


def fetch(name: str, revision: str) -> Path:
    """Download a revision of a model from the hub, or find it in the hub's cache on this machine.

    Returns:
        The folder with its files.

    Raises:
        ModelError: the hub cannot be reached, or has no such model or revision.
    """
    from huggingface_hub import snapshot_download  # noqa: PLC0415
    from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError  # noqa: PLC0415

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # it logs a warning at each retry
    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=list(FILES)))
    except (RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise ModelError(f"the hub has no {name} at revision {revision}, or does not show it to us") from error
    except Exception as error:
        kind = type(error.__cause__ or error).__name__
        raise ModelError(f"{name} cannot be fetched: the hub is out of reach ({kind})") from error
