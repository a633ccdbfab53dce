#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What another machine costs: one run of the command line on a sparse checkpoint of 700 GB and 100,000 tensors, here and at an ssh address.

The address is reached through a program in place of ssh that starts the far side on this machine (no encryption, no network; --latency adds a delay in
milliseconds to everything that travels in either direction), or through the host that --host names, where the same path must exist. Prints for one file and for a
folder of 140 shards the median times, their ratio and the bytes that came; for statistics of real values the share that moved.
"""
import argparse
import json
import os
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TENSORS, SHARDS, EACH = 100_000, 140, 7_000_000

RELAY = """#!{python}
import os, queue, subprocess, sys, threading, time
far = subprocess.Popen([{cli!r}, "serve", "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
came = 0
def carry(source, sink, counts):
    global came
    waiting = queue.Queue()
    def write():
        while (item := waiting.get())[1]:
            time.sleep(max(0, item[0] - time.monotonic()))
            sink.write(item[1]); sink.flush()
        sink.close()
    writer = threading.Thread(target=write); writer.start()
    while data := os.read(source.fileno(), 1 << 16):
        if counts:
            came += len(data)
            with open({count!r}, "w") as out: # at once: the relay is ended without notice
                out.write(str(came))
        waiting.put((time.monotonic() + {latency}, data))
    waiting.put((0, b""))
    writer.join()
threading.Thread(target=carry, args=(sys.stdin.buffer, far.stdin, False), daemon=True).start()
carry(far.stdout, sys.stdout.buffer, True)
"""


def write_sparse(path, first, count):
    header = {f"model.layers.{i // 10}.self_attn.part{i % 10}.weight": {"dtype": "BF16", "shape": [EACH // 200, 100], "data_offsets": [(i - first) * EACH, (i - first + 1) * EACH]}
              for i in range(first, first + count)}
    text = json.dumps(header, separators=(",", ":")).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + count * EACH)
    return header


def write_models(folder):
    one = folder / "one.safetensors"
    write_sparse(one, 0, TENSORS)
    shards = folder / "sharded"
    shards.mkdir()
    weight_map, done = {}, 0
    for shard in range(SHARDS):
        count = TENSORS * (shard + 1) // SHARDS - done
        name = f"model-{shard + 1:05}-of-{SHARDS:05}.safetensors"
        weight_map.update(dict.fromkeys(write_sparse(shards / name, done, count), name))
        done += count
    (shards / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))
    values = folder / "values.safetensors"
    matrices, side = 24, 2048
    header = {f"layer.{i}.weight": {"dtype": "F32", "shape": [side, side], "data_offsets": [i * side * side * 4, (i + 1) * side * side * 4]} for i in range(matrices)}
    text = json.dumps(header).encode()
    with open(values, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _ in range(matrices):
            file.write(os.urandom(side * side * 4))
    return one, shards, values


def run(cli, arguments, environment):
    """Seconds."""
    began = time.monotonic()
    subprocess.run([cli, *arguments], stdout=subprocess.DEVNULL, env=environment, check=True)
    return time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cli", help="weighbridge-cli")
    parser.add_argument("--host", help="a host that ssh reaches, instead of the stand-in")
    parser.add_argument("--latency", type=float, default=0, help="milliseconds each way")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        counts = folder / "counts"
        environment = dict(os.environ, XDG_CACHE_HOME=name)
        if not options.host:
            relay = folder / "ssh"
            relay.write_text(RELAY.format(python=sys.executable, cli=str(Path(options.cli).resolve()), latency=options.latency / 1000, count=str(counts)))
            relay.chmod(0o700)
            environment["WEIGHBRIDGE_SSH"] = str(relay)
        place = f"ssh://{options.host or 'relay'}"
        one, shards, values = write_models(folder)
        moved = lambda: int(counts.read_text() or 0) if counts.exists() else 0
        for path in (one, shards):
            here, there = [], []
            for _ in range(options.runs):
                here.append(run(options.cli, ["inspect", path], environment))
                there.append(run(options.cli, ["inspect", place + str(path)], environment))
            a, b = statistics.median(here), statistics.median(there)
            print(f"inspect {path.name}: here {a:.2f} s, there {b:.2f} s ({b / a:.2f} times), came {moved() / 2**20:.1f} MiB")
        run(options.cli, ["stats", place + str(values)], environment)
        print(f"stats of {values.stat().st_size / 2**20:.0f} MiB: came {moved() / 2**10:.0f} KiB, {100 * moved() / values.stat().st_size:.3f} %")


if __name__ == "__main__":
    main()
