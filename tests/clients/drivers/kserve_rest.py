"""KServe's InferenceRESTClient: ``kserve_rest.py (v1 | v2) URL TOKEN``."""

import asyncio
import sys
from typing import Any

from calls import run
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig

MODE, URL, TOKEN = sys.argv[1:]
BASE = f"{URL}/project"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


def classify(texts: list[str], top_k: int | None) -> Any:
    return asyncio.run(_ask(texts))


async def _ask(texts: list[str]) -> Any:
    client = InferenceRESTClient(RESTConfig(protocol=MODE))
    try:
        if MODE == "v1":
            answer = await client.infer(BASE, {"instances": texts}, model_name="sentiment", headers=dict(HEADERS))
            return [list(prediction.items()) for prediction in answer["predictions"]]
        tensor = InferInput("input-0", [len(texts)], "BYTES", data=texts)
        request = InferRequest("sentiment", [tensor])
        answer = await client.infer(BASE, request, model_name="sentiment", headers=dict(HEADERS))
        return [[(str(number), 1.0)] for number in answer.outputs[0].data]
    finally:
        await client.close()


run(classify)
