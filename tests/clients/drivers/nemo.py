"""NeMo Guardrails' hf_classifier: ``nemo.py (kserve | vllm) URL TOKEN``. It sends a key over TLS only, so here none."""

import asyncio
import sys
from typing import Any

from calls import run
from nemoguardrails.library.hf_classifier.backends import get_backend
from nemoguardrails.rails.llm.config import RemoteHFClassifierConfig

MODE, URL, _TOKEN = sys.argv[1:]
BASE = f"{URL}/project/vllm" if MODE == "vllm" else f"{URL}/project"
CONFIG = RemoteHFClassifierConfig(
    engine=MODE, model="sentiment", base_url=BASE, blocked_labels=["NEGATIVE"], threshold=0.5
)


def classify(texts: list[str], _top_k: int | None) -> Any:
    async def ask() -> Any:
        backend = get_backend(CONFIG, name=str(id(texts)))  # a session belongs to one event loop
        try:
            return [await backend.classify(text) for text in texts]
        finally:
            await backend.close()

    return [[(found["label"], found["score"]) for found in answer] for answer in asyncio.run(ask())]


run(classify)
