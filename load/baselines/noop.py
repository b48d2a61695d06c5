"""``python -m load.baselines.noop``: a plain FastAPI endpoint that validates its body and does nothing else."""

import argparse
import sys
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, Field

from shared.process.settings import Settings

app = FastAPI()


class Body(BaseModel):
    """A body with one text within the product's limit."""

    text: Annotated[str, Field(max_length=Settings().max_chars)]


@app.post("/project/predict", response_model=None)
async def predict(body: Body) -> dict[str, Any]:  # noqa: ARG001
    """Return the same answer for every text."""
    return {"prediction": [{"label": "POSITIVE", "score": 0.99}, {"label": "NEGATIVE", "score": 0.01}]}


@app.get("/health")
async def health() -> dict[str, str]:
    """Answer 200 as long as the process answers."""
    return {"status": "ok"}


def main() -> int:
    """Serve until a signal, in one process with uvicorn's fastest options."""
    parser = argparse.ArgumentParser(prog="python -m load.baselines.noop")
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    uvicorn.run(app, port=options.port, loop="uvloop", http="httptools", access_log=False, log_level="warning")
    return 0


if __name__ == "__main__":
    sys.exit(main())
