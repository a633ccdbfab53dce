#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long from exec until the window has painted the tree of a checkpoint, on a screen of its own (Xvfb).

    bench_startup.py WEIGHBRIDGE CHECKPOINT [RUNS]

The first run, which reads the programs from the disk, is not counted. Prints one JSON document: milliseconds, median and each run.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

from own_screen import own_screen


def shown_after(program: str, checkpoint: str, environment: dict) -> float:
    """Milliseconds from exec to the line that the program logs when the tree is on the screen."""
    began = time.monotonic()
    process = subprocess.Popen([program, checkpoint], stderr=subprocess.PIPE, text=True, env=environment)
    try:
        for line in process.stderr:
            if "tree shown" in line:
                return (time.monotonic() - began) * 1000
    finally:
        process.kill()
        process.wait()
    raise SystemExit(f"{program} ended without having shown the tree")


def main() -> None:
    program, checkpoint = sys.argv[1:3]
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 15
    with own_screen() as display, tempfile.TemporaryDirectory() as settings:
        environment = dict(os.environ, DISPLAY=display, QT_QPA_PLATFORM="xcb", XDG_CONFIG_HOME=settings, QT_LOGGING_RULES="weighbridge.startup.debug=true")
        times = [shown_after(program, checkpoint, environment) for _ in range(runs + 1)][1:]
    print(json.dumps({"checkpoint": checkpoint, "median_ms": round(statistics.median(times), 1), "min_ms": round(min(times), 1), "runs_ms": [round(t, 1) for t in times]}))


if __name__ == "__main__":
    main()
