#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times whole processes: what somebody waits for who types a command.

    bench_cli.py --cli build/release/bin/weighbridge-cli --python PYTHON MODEL [--runs 11]

MODEL is a folder with config.json and model.safetensors. Two pairs are run in turn, so that a busy machine is busy for both:
`inspect` against listing the same file with the safetensors package, and `check` against from_pretrained of transformers.
Prints the median of each and their ratio. Then what `check` and `infer` take beyond reading the header of a model of 1,000 tensors, whose values are never read. PYTHON is an interpreter that has safetensors, numpy, torch and transformers.
"""
import argparse
import json
import math
import pathlib
import statistics
import subprocess
import tempfile
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


def many(folder):
    """A model of 1,002 tensors with its config; the file is sparse."""
    config = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 32000, "hidden_size": 512, "intermediate_size": 1024, "num_hidden_layers": 111, "num_attention_heads": 8,
              "num_key_value_heads": 8, "tie_word_embeddings": False}
    (folder / "config.json").write_text(json.dumps(config))
    layer = {"self_attn.q_proj": [512, 512], "self_attn.k_proj": [512, 512], "self_attn.v_proj": [512, 512], "self_attn.o_proj": [512, 512], "mlp.gate_proj": [1024, 512], "mlp.up_proj": [1024, 512],
             "mlp.down_proj": [512, 1024], "input_layernorm": [512], "post_attention_layernorm": [512]}
    shapes = {"model.embed_tokens": [32000, 512], "model.norm": [512], "lm_head": [32000, 512]}
    shapes |= {f"model.layers.{i}.{name}": shape for i in range(111) for name, shape in layer.items()}
    header, offset = {}, 0
    for name, shape in shapes.items():
        end = offset + 2 * math.prod(shape)
        header[name + ".weight"] = {"dtype": "BF16", "shape": shape, "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header).encode()
    with open(folder / "model.safetensors", "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.truncate(8 + len(text) + offset)


def beyond_header(cli, runs):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        many(folder)
        commands = [[cli, command, folder] for command in ("inspect", "check", "infer")]
        times = [[seconds(command) for command in commands] for _ in range(runs + 1)][1:]
        header, check, infer = (1000 * statistics.median(column) for column in zip(*times))
        print(f"1,002 tensors: inspect {header:.1f} ms, check {check - header:.1f} ms beyond it, infer {infer - header:.1f} ms beyond it   median of {runs}")


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
    beyond_header(arguments.cli, arguments.runs)


if __name__ == "__main__":
    main()
