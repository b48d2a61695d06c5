"""A wrong clock for processes with this folder on PYTHONPATH; ``TEST_CLOCK_OFFSET`` is its error in seconds."""

import os
import time

_offset = float(os.environ.get("TEST_CLOCK_OFFSET", "0"))
_time, _time_ns = time.time, time.time_ns
time.time = lambda: _time() + _offset
time.time_ns = lambda: _time_ns() + round(_offset * 1e9)
