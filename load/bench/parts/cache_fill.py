"""Writing answers into the cache directly, in the form in which a worker stores them."""

from pathlib import Path
from typing import Any, Final

from load.bench.parts.stack import Stack
from shared.broker.keys import Keyspace, text_key
from shared.broker.role import Role
from shared.contract.predictions import encode_prediction
from shared.contract.record import Facts, Record
from shared.process.settings import Settings
from worker.engines.manifest import load_manifest

_CHUNK: Final = 5_000
_SCORES: Final = (1 / 3, 2 / 3)
"""Scores with as many digits as a model's, so that real answers that replace them take no more memory."""


def cached_text(number: int) -> str:
    """Return a text that `fill` stores."""
    return f"This is what was once said about number {number}, and it has been answered."


def fill(stack: Stack, model_dir: Path, first: int, end: int) -> int:
    """Store answers to the texts [first, end) under the version of the served model.

    Returns:
        The number of answers in the cache afterwards; it may have evicted some.
    """
    settings = Settings()
    keys = Keyspace(settings.namespace)
    manifest = load_manifest(model_dir)
    record = Record(encode_prediction(_SCORES, manifest.labels), Facts(1, 20, 20, 0, (0.0, 0.0)).encode()).encode()
    with stack.redis(Role.CACHE) as cache:
        for start in range(first, end, _CHUNK):
            with cache.pipeline(transaction=False) as pipe:
                for number in range(start, min(end, start + _CHUNK)):
                    pipe.set(
                        keys.answer(text_key(manifest.version, cached_text(number))), record, ex=settings.cache_ttl
                    )
                pipe.execute()
        databases: Any = cache.info("keyspace")
        return sum(database["keys"] for database in databases.values())
