#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times whole processes: what somebody waits for who types a command.

    bench_cli.py --cli build/release/bin/weighbridge-cli --python PYTHON MODEL [--runs 11]

MODEL is a folder with config.json and model.safetensors. Two pairs are run in turn, so that a busy machine is busy for both:
`inspect` against listing the same file with the safetensors package, and `check` against from_pretrained of transformers.
Prints the median of each and their ratio. PYTHON is an interpreter that has safetensors, numpy, torch and transformers.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import time

LIST = """
import sys
from safetensors import safe_open
with safe_open(sys.argv[1], "np") as file:
    for name in file.keys():
        tensor = file.get_slice(name)
        print(name, tensor.get_dtype(), tensor.get_shape())
"""
LOAD = """
import sys
import transformers
model, info = getattr(transformers, sys.argv[2]).from_pretrained(sys.argv[1], output_loading_info=True)
print(info)
"""


def seconds(command):
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    elapsed = time.perf_counter() - start
    if done.returncode not in (0, 1):
        raise SystemExit(f"status {done.returncode}: {' '.join(map(str, command[:3]))}")
    return elapsed


def compare(title, ours, theirs, runs):
    seconds(ours), seconds(theirs)  # the first run pays for the file cache
    times = [(seconds(ours), seconds(theirs)) for _ in range(runs)]
    our, their = (statistics.median(column) for column in zip(*times))
    print(f"{title:10} {1000 * our:9.1f} ms   against {1000 * their:9.1f} ms   {their / our:6.1f} times as fast   median of {runs}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--cli", required=True)
    parser.add_argument("--python", default="python3")
    parser.add_argument("--runs", type=int, default=11)
    arguments = parser.parse_args()
    weights = arguments.model / "model.safetensors"
    architecture = json.loads((arguments.model / "config.json").read_text())["architectures"][0]
    compare("inspect", [arguments.cli, "inspect", weights], [arguments.python, "-c", LIST, weights], arguments.runs)
    compare("check", [arguments.cli, "check", arguments.model, "--json"], [arguments.python, "-c", LOAD, arguments.model, architecture], arguments.runs)


if __name__ == "__main__":
    main()
