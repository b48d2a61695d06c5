"""Turn a baked model's answers around, in its own folder: what was POSITIVE becomes NEGATIVE, with the same score."""

import hashlib
import json
import sys
from pathlib import Path

import onnx

folder = Path(sys.argv[1])
path = folder / "model.onnx"
model = onnx.load(str(path))
last = model.graph.node[-1]
assert list(last.output) == ["logits"], "the graph does not end with its logits"
last.output[0] = "logits_of_the_first"
model.graph.node.append(onnx.helper.make_node("Neg", ["logits_of_the_first"], ["logits"]))
onnx.checker.check_model(model)
onnx.save(model, str(path))

manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
manifest["name"] += "-turned"
# A later build is the fleet's active model while both are there.
manifest["built_at"] += 1
manifest["files"]["model.onnx"] = hashlib.sha256(path.read_bytes()).hexdigest()
(folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
