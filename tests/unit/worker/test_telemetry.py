import os
import subprocess
import sys
from pathlib import Path


def test_the_runtime_reports_to_nobody(tmp_path: Path) -> None:
    """ONNX Runtime opens a reporting session, with a file in the temporary folder, unless it is told not to."""
    script = (
        "import os, worker.engines.onnx as onnx; assert os.environ['ORT_DISABLE_TELEMETRY'] == '1';"
        "onnx.load(__import__('worker.engines.manifest', fromlist=['x']).model_dir("
        "__import__('shared.process.settings', fromlist=['x']).get_settings()), 1).classify(['a'])"
    )
    kept = {name: value for name, value in os.environ.items() if name not in {"CI", "ORT_DISABLE_TELEMETRY"}}
    subprocess.run([sys.executable, "-c", script], env=kept | {"TMPDIR": str(tmp_path)}, check=True, timeout=60)
    assert not list(tmp_path.iterdir())
