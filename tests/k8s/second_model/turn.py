"""Turn a baked model's answers around, in its own folder: what was POSITIVE becomes NEGATIVE, with the same score."""

import json
import sys
from pathlib import Path

path = Path(sys.argv[1]) / "manifest.json"
manifest = json.loads(path.read_text("utf-8"))
manifest["name"] += "-turned"
# A later build is the fleet's active model while both are there.
manifest["built_at"] += 1
manifest["labels"].reverse()
path.write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
