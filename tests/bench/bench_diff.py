#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times `diff --values` on two checkpoints against what else there is, in turn, so that a busy machine is busy for all.

    bench_diff.py --cli build/release/bin/weighbridge-cli [--cmp A A2] [--python PYTHON] [--diffai PYTHON] [--runs 5] A B

Against `cmp` (which stops at the first byte that differs: --cmp names two equal files of the same size for it), against torch that loads both with PYTHON and computes the
same figures, and against the Python package diffai-python of the interpreter that --diffai names. Prints medians and the peak memory of each.
"""
import argparse
import os
import statistics
import subprocess
import time

TORCH = """
import sys, torch
from safetensors.torch import load_file
a, b = load_file(sys.argv[1]), load_file(sys.argv[2])
for name in a.keys() & b.keys():
    x, y = a[name].double().flatten(), b[name].double().flatten()
    d = (y - x).abs()
    print(name, d.max().item(), d.mean().item(), d.square().mean().sqrt().item(), (x @ y / (x.norm() * y.norm())).item(),
          (d.norm() / x.norm()).item(), (x != y).double().mean().item(), torch.equal(x, y))
"""
DIFFAI = """
import sys, diffai
print(diffai.diff_paths(sys.argv[1], sys.argv[2]))
"""


def measure(command):
    """Seconds, and the peak resident memory in MiB."""
    start = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    elapsed = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    return elapsed, usage.ru_maxrss / 1024, process.returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("a")
    parser.add_argument("b")
    parser.add_argument("--cli", required=True)
    parser.add_argument("--cmp", nargs=2, metavar=("A", "A2"))
    parser.add_argument("--python")
    parser.add_argument("--diffai")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    pair = [arguments.a, arguments.b]
    commands = {"weighbridge-cli": [arguments.cli, "diff", "--values", "--json", *pair], "cmp": ["cmp", *(arguments.cmp or pair)]}
    if arguments.python:
        commands["torch"] = [arguments.python, "-c", TORCH, *pair]
    if arguments.diffai:
        commands["diffai"] = [arguments.diffai, "-c", DIFFAI, *pair]
    results = {name: [] for name in commands}
    for _ in range(arguments.runs + 1):  # the first round pays for the file cache
        for name, command in commands.items():
            results[name].append(measure(command))
    ours = statistics.median(seconds for seconds, _, _ in results["weighbridge-cli"][1:])
    for name, runs in results.items():
        seconds = statistics.median(run[0] for run in runs[1:])
        print(f"{name:16} {seconds:7.2f} s  {max(run[1] for run in runs):7.0f} MiB  status {runs[-1][2]}  {seconds / ours:6.2f} times our time")


main()
