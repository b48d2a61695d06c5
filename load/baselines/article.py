"""``python -m load.baselines.article``: the design of the customer's article, rebuilt for comparison.

One FastAPI process does everything. Pydantic models are the contract, a middleware answers identical requests from
Redis, and the transformers pipeline runs in fp32 on a thread pool, with a timeout that becomes a 504. Where the article
gives no details, the faster choice is used: no access log, uvloop and httptools, and the numbers of threads that were
fastest on two cores with 10 users, which is one forward pass per core with one thread each. The defaults of torch and
asyncio on two cores are `--torch-threads 2 --passes 6`.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import torch
import uvicorn
from fastapi import FastAPI, HTTPException
from redis.asyncio import Redis
from transformers import pipeline

from load.baselines.contract import Batch, BulkPrediction, Prediction, Text
from load.baselines.response_cache import ResponseCache
from shared.process.cpus import available_cpus

PREFIX: Final = "/project"
TIMEOUT: Final = 2.0
"""Seconds until 504; the article gives no number, so it is the promised time."""
MAX_TOKENS: Final = 512


class Classifier:
    """The pipeline on a thread pool.

    Args:
        model_dir: folder of a model that transformers has saved.
        passes: number of requests that are computed at once.
    """

    def __init__(self, model_dir: Path, passes: int) -> None:
        self._pipeline = pipeline("text-classification", model=str(model_dir), device="cpu", top_k=None)
        self._pool = ThreadPoolExecutor(passes)
        self._run(["The first pass sets up what the threads share."])

    async def predict(self, texts: list[str]) -> Any:
        """Return the labels with their scores for each text, the higher score first.

        Raises:
            HTTPException: 504 after the timeout.
        """
        work = asyncio.get_running_loop().run_in_executor(self._pool, self._run, texts)
        try:
            return await asyncio.wait_for(work, TIMEOUT)
        except TimeoutError:
            raise HTTPException(504, "The prediction took too long.") from None

    def _run(self, texts: list[str]) -> Any:
        return self._pipeline(texts, truncation=True, max_length=MAX_TOKENS) if texts else []


def create_app(model_dir: Path, redis_url: str, passes: int) -> FastAPI:
    """Build the application, which loads the model when it starts."""
    redis = Redis.from_url(redis_url)
    project = FastAPI()
    project.add_middleware(ResponseCache, redis=redis)

    @project.post("/predict", response_model=Prediction)
    async def predict(body: Text) -> Any:
        (answer,) = await project.state.classifier.predict([body.text])
        return {"prediction": answer}

    @project.post("/bulk-predict", response_model=BulkPrediction)
    async def bulk_predict(body: Batch) -> Any:
        return {"predictions": await project.state.classifier.predict(body.text)}

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        project.state.classifier = Classifier(model_dir, passes)
        yield
        await redis.aclose()

    app = FastAPI(lifespan=lifespan)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "healthy"}

    app.mount(PREFIX, project)
    return app


def main() -> int:
    """Serve until a signal."""
    parser = argparse.ArgumentParser(prog="python -m load.baselines.article")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--model-dir", type=Path, required=True, help="folder that transformers saved")
    parser.add_argument("--redis", required=True, help="URL of the cache")
    parser.add_argument("--torch-threads", type=int, default=1, help="threads of one forward pass (1)")
    parser.add_argument("--passes", type=int, default=available_cpus(), help="requests computed at once (one a CPU)")
    options = parser.parse_args()
    torch.set_num_threads(options.torch_threads)
    app = create_app(options.model_dir, options.redis, options.passes)
    uvicorn.run(app, host="127.0.0.1", port=options.port, access_log=False, log_level="warning")
    return 0


if __name__ == "__main__":
    sys.exit(main())
