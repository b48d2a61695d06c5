"""huggingface_hub: ``huggingface.py (sync | async) URL TOKEN``."""

import asyncio
import sys
from typing import Any

from calls import run
from huggingface_hub import AsyncInferenceClient, InferenceClient

MODE, URL, TOKEN = sys.argv[1:]
BASE = f"{URL}/project/hf"


def classify(texts: list[str], top_k: int | None) -> Any:
    """Ask for each text alone: `text_classification` takes one."""
    client = InferenceClient(base_url=BASE, token=TOKEN)
    return [pairs(client.text_classification(text, top_k=top_k)) for text in texts]


def classify_concurrently(texts: list[str], top_k: int | None) -> Any:
    async def ask() -> Any:
        async with AsyncInferenceClient(base_url=BASE, token=TOKEN) as client:
            return await asyncio.gather(*(client.text_classification(text, top_k=top_k) for text in texts))

    return [pairs(answer) for answer in asyncio.run(ask())]


def pairs(answer: Any) -> list[tuple[str, float]]:
    return [(element.label, element.score) for element in answer]


run(classify if MODE == "sync" else classify_concurrently)
