"""The command ``mlserver infer``: ``mlserver_infer.py MODE URL TOKEN``, with binary data if the mode is ``binary``."""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from calls import run

MODE, URL, TOKEN = sys.argv[1:]
COMMAND = (
    *(str(Path(sys.executable).with_name("mlserver")), "infer", "-m", "sentiment", "--retries", "1"),
    *("-u", f"{URL.removeprefix('http://')}/project", "-H", f"Authorization:Bearer {TOKEN}"),
    *(["-b"] if MODE == "binary" else []),
)


class InferenceError(Exception):
    """The command wrote an error in the place of an answer."""


def classify(texts: list[str], _top_k: int | None) -> Any:
    tensor = {"name": "args", "shape": [len(texts)], "datatype": "BYTES", "data": texts}
    with TemporaryDirectory() as folder:
        asked, answered = Path(folder, "in.jsonl"), Path(folder, "out.jsonl")
        asked.write_text(json.dumps({"inputs": [tensor]}))
        subprocess.run([*COMMAND, "-i", asked, "-o", answered], check=True, capture_output=True)
        answer = json.loads(answered.read_text())
    if "error" in answer:
        raise InferenceError(str(answer["error"]))
    found = [json.loads(value) for value in answer["outputs"][0]["data"]]
    return [[(entry["label"], entry["score"])] for entry in found]


run(classify)
