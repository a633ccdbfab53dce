# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks llama.cpp whether resources/architectures/gguf-*.json are right. Needs gguf, numpy and xllamacpp (`pip install gguf xllamacpp`).

    python tools/score_gguf.py --cli build/dev/bin/weighbridge-cli [ARCHITECTURE...]

For each architecture: a file of keys alone is given to `weighbridge-cli expect`; a file with exactly the tensors that this lists must load; without
one of them, or with one of another shape, it must not, except without those that `ignore_missing` names. Prints what differs, and one line for each
set of keys; exits with 1 if anything differs.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import gguf
import numpy as np

# Sizes that tell the dimensions apart; what else an architecture's loader asks for is added.
KEYS = {
    "context_length": 48, "embedding_length": 64, "block_count": 2, "feed_forward_length": 96, "attention.head_count": 4, "attention.head_count_kv": 2,
    "attention.layer_norm_epsilon": 1e-5, "attention.layer_norm_rms_epsilon": 1e-5, "vocab_size": 40, "tokenizer.ggml.model": "no_vocab", "rope.dimension_count": 16,
}
WIDE_HEADS = {"attention.key_length": 32, "attention.value_length": 32}
ENCODER = {"attention.causal": False, "pooling_type": 1, "token_type_count": 2, "tokenizer.ggml.token_type_count": 2, "attention.head_count_kv": 4}
FURTHER_KEYS = {
    "bert": [ENCODER],
    "command-r": [{"logit_scale": 0.1}],
    "falcon": [{"attention.head_count_kv": 1}],
    "gemma": [WIDE_HEADS],
    "gemma2": [{**WIDE_HEADS, "attention.sliding_window": 32}],
    "gemma3": [{**WIDE_HEADS, "attention.sliding_window": 32}],
    "gpt2": [{"attention.head_count_kv": 4}],
    "gptneox": [{"attention.head_count_kv": 4, "use_parallel_residual": True}],
    "granite": [{"logit_scale": 1.0}, {"logit_scale": 1.0, "expert_count": 4, "expert_used_count": 2}],
    "llama": [{}, {"attention.head_count_kv": 4}, {"expert_count": 4, "expert_used_count": 2}],
    "nomic-bert": [ENCODER],
    "phi3": [{"attention.sliding_window": 32}],
    "qwen3": [{}, {**WIDE_HEADS, "rope.dimension_count": 32}],
    "qwen3moe": [{"expert_count": 4, "expert_used_count": 2, "expert_feed_forward_length": 32}],
    "stablelm": [{"use_parallel_residual": False, "attention.head_count_kv": 4}],
}
# In a process of its own: llama.cpp may end it.
LOAD = """
import os, sys, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.n_ctx, params.warmup, params.port, params.cpuparams.n_threads = sys.argv[1], 32, False, 0, 1
try:
    server = xllamacpp.Server(params)  # its end would wait
except RuntimeError:
    os._exit(1)
os._exit(0)
"""


def write(path, architecture, keys, tensors):
    writer = gguf.GGUFWriter(path, architecture)
    for key, value in keys.items():
        name = key if key.startswith("tokenizer.") else f"{architecture}.{key}"
        add = {bool: writer.add_bool, float: writer.add_float32, int: writer.add_uint32, str: writer.add_string}[type(value)]
        add(name, value)
    random = np.random.default_rng(1)
    for name, shape in tensors:
        writer.add_tensor(name, (random.standard_normal(shape) * 0.02).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def loads(path):
    """Whether llama.cpp loads the file, and what it says otherwise."""
    done = subprocess.run([sys.executable, "-c", LOAD, path], capture_output=True, text=True, timeout=300)
    complaint = re.search(r"error loading model: ([^\n]*)", done.stdout + done.stderr)
    return done.returncode == 0, complaint[1] if complaint else f"exit status {done.returncode}"


def differences(cli, folder, architecture, keys):
    path = os.path.join(folder, "model.gguf")
    write(path, architecture, keys, [])
    done = subprocess.run([cli, "expect", path, "--json"], capture_output=True, text=True)
    if done.returncode != 0:
        return [f"expect fails: {(done.stdout + done.stderr).strip()}"]
    answer = json.loads(done.stdout)
    tensors = [(tensor["name"], tensor["shape"]) for tensor in answer["tensors"]]
    write(path, architecture, keys, tensors)
    fits, complaint = loads(path)
    if not fits:
        return [f"what is expected does not load: {complaint}"]
    out = []
    for name, shape in tensors:
        if name.startswith("blk.1."):
            continue
        write(path, architecture, keys, [tensor for tensor in tensors if tensor[0] != name])
        fits, complaint = loads(path)
        if fits != any(re.search(pattern, name) for pattern in answer["ignore_missing"]):
            out.append(f"{name} is {'not ' if fits else ''}required by llama.cpp {'' if fits else '(' + complaint + ')'}")
        write(path, architecture, keys, [(other, [*size[:-1], size[-1] + 32] if other == name else size) for other, size in tensors])
        if loads(path)[0]:
            out.append(f"{name} may have another shape")
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cli", required=True)
    parser.add_argument("architectures", nargs="*")
    arguments = parser.parse_args()
    folder = pathlib.Path(__file__).resolve().parent.parent / "resources" / "architectures"
    known = [path.stem.removeprefix("gguf-") for path in sorted(folder.glob("gguf-*.json"))]
    wrong = False
    with tempfile.TemporaryDirectory() as temporary:
        for architecture in arguments.architectures or known:
            for further in FURTHER_KEYS.get(architecture, [{}]):
                found = differences(arguments.cli, temporary, architecture, {**KEYS, **further})
                wrong = wrong or bool(found)
                print(f"{architecture} {further or ''}: {'as llama.cpp' if not found else ''}", *found, sep="\n    " if found else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
