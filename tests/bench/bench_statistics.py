#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""bench_statistics.py CLI FILE.safetensors [--repeats N] [--weightwatcher LAYERS] : `stats --json` against Python on the same file, in one run.

Everything is measured with a warm page cache, alternating, and the fastest of N runs counts; processor time beside it, which other work on the machine changes less. Per tensor, after the
file is mapped:
  sum             numpy's sum, one thread: as fast as the bytes can be looked at
  numpy           mean, std, min, max, histogram of 256 bins
  torch           mean, std, min, max, histc of 256 bins, with as many threads as the machine has
  weightwatcher   analyze(randomize=True) on the LAYERS smallest matrices, scaled by their values: it decomposes every matrix whole
CLI includes the program's start and the JSON; its peak memory is measured too.
"""
import argparse
import json
import os
import subprocess
import time

import numpy
import torch
from safetensors import safe_open
from safetensors.numpy import load_file


def with_sum(path):
    with safe_open(path, "np") as file:
        for name in file.keys():
            file.get_tensor(name).sum()


def with_numpy(path):
    for array in load_file(path).values():
        array.mean(), array.std(), array.min(), array.max(), numpy.histogram(array, 256)


def with_torch(path):
    with safe_open(path, "pt") as file:
        for name in file.keys():
            tensor = file.get_tensor(name).float()
            tensor.mean(), tensor.std(), tensor.min(), tensor.max(), torch.histc(tensor, 256)


def with_cli(cli, path):
    process = subprocess.Popen([cli, "stats", path, "--json"], stdout=subprocess.DEVNULL, env=os.environ | {"XDG_CACHE_HOME": "/dev/null"})
    peak = 0
    while True:
        peak = max(peak, peak_kib(process.pid))
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        time.sleep(0.002)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return peak, usage.ru_utime + usage.ru_stime


def peak_kib(pid):
    """Since the program began: what wait4() says includes this Python before it became the program."""
    with open(f"/proc/{pid}/status") as status:
        return next((int(line.split()[1]) for line in status if line.startswith("VmHWM:")), 0)


def with_weightwatcher(path, layers):
    import weightwatcher
    with safe_open(path, "pt") as file:
        matrices = {name: file.get_tensor(name).float() for name in file.keys() if len(file.get_slice(name).get_shape()) == 2}
    chosen = sorted(matrices.values(), key=lambda tensor: (tensor.numel(), tensor.shape))[:layers]
    model = torch.nn.Sequential(*(torch.nn.Linear(t.shape[1], t.shape[0], bias=False) for t in chosen))
    for layer, tensor in zip(model, chosen):
        layer.weight.data = tensor
    start = time.process_time()
    weightwatcher.WeightWatcher(model=model).analyze(randomize=True, plot=False)
    return (time.process_time() - start) / sum(tensor.numel() for tensor in chosen)


def seconds(work):
    """On the clock, and of processors: work() returns (memory, its own) for a program."""
    start, own = time.perf_counter(), time.process_time()
    result = work()
    own = time.process_time() - own
    return time.perf_counter() - start, result[1] if result else own


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cli")
    parser.add_argument("file")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--weightwatcher", type=int, default=0)
    options = parser.parse_args()
    nbytes = os.path.getsize(options.file)
    memory, _ = with_cli(options.cli, options.file)  # warms the page cache
    rows = {"cli": lambda: with_cli(options.cli, options.file), "sum": lambda: with_sum(options.file), "numpy": lambda: with_numpy(options.file), "torch": lambda: with_torch(options.file)}
    times = {name: [] for name in rows}
    for _ in range(options.repeats):
        for name, work in rows.items():
            times[name].append(seconds(work))
    best = {name: min(wall for wall, _ in all_) for name, all_ in times.items()}
    own = {name: min(processor for _, processor in all_) for name, all_ in times.items()}
    for name, time_ in best.items():
        print(f"{name}: {time_:.3f} s, {nbytes / time_ / 1e9:.2f} GB/s, {time_ / best['cli']:.2f} times the time of the CLI; "
              f"processors {own[name]:.3f} s, {own[name] / own['cli']:.2f} times")
    print(f"cli: {memory / 1024:.0f} MiB at its peak")
    if options.weightwatcher:
        per_value = with_weightwatcher(options.file, options.weightwatcher)
        with safe_open(options.file, "np") as file:
            values = sum(int(numpy.prod(file.get_slice(name).get_shape())) for name in file.keys())
        print(f"weightwatcher: {per_value * 1e9:.0f} ns of processors per value, {per_value * values / own['cli']:.0f} times those of the CLI if it took as long for all values")
    print(json.dumps({"nbytes": nbytes, "seconds": best, "processor_seconds": own, "cli_peak_kib": memory}))


main()
