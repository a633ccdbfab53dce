#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times sample inference against transformers, in turn and on the same threads.

    bench_inference.py --cli build/release/bin/weighbridge-cli --python PYTHON [--minilm FOLDER] [--threads 2] [--runs 5] [--large]

PYTHON is an interpreter that has torch, transformers and safetensors.
- latency: BERT-base with random weights, 1 x 128 and 8 x 128 tokens; median pass of each process, median of the processes.
- start: from nothing to the first result on a sentence embedding model, whole processes (--minilm names its folder).
- cache: 64 tokens of greedy generation by GPT-2 small with random weights.
- --large: a Llama of 4 GiB of zeros in a sparse file, streamed by a process that may allocate 1 GiB (RLIMIT_DATA).
"""
import argparse
import json
import os
import pathlib
import resource
import statistics
import struct
import subprocess
import tempfile
import time

MAKE = """
import sys, torch, transformers
torch.manual_seed(0)
config = getattr(transformers, sys.argv[2])()
getattr(transformers, sys.argv[3])(config).save_pretrained(sys.argv[1])
"""
LATENCY = """
import sys, time, statistics, torch, transformers
folder, threads, batch, tokens, runs = sys.argv[1], *map(int, sys.argv[2:])
torch.set_num_threads(threads)
model = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
ids = torch.arange(1000, 1000 + tokens).repeat(batch, 1)
with torch.inference_mode():
    model(ids)
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        model(ids)
        times.append(time.perf_counter() - start)
print(1000 * statistics.median(times))
"""
START = """
import sys, torch, transformers
torch.set_num_threads(int(sys.argv[2]))
tokenizer = transformers.AutoTokenizer.from_pretrained(sys.argv[1])
model = transformers.AutoModel.from_pretrained(sys.argv[1], dtype=torch.float32).eval()
with torch.inference_mode():
    print(model(**tokenizer(sys.argv[3], return_tensors="pt")).last_hidden_state.mean(1)[0, :3])
"""
GENERATE = """
import sys, time, torch, transformers
folder, threads, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)
model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
ids = torch.arange(1000, 1016).unsqueeze(0)
with torch.inference_mode():
    start = time.perf_counter()
    model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=steps, min_new_tokens=steps, do_sample=False, pad_token_id=0)
print(1000 * (time.perf_counter() - start))
"""
LARGE = {"hidden_size": 2048, "intermediate_size": 5632, "num_hidden_layers": 20, "num_attention_heads": 16, "num_key_value_heads": 16, "vocab_size": 8000}


def output(command, **more):
    return subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, **more).stdout


def say(title, ours, theirs):
    our, their = statistics.median(ours), statistics.median(theirs)
    print(f"{title:26} {our:9.1f} ms   transformers {their:9.1f} ms   ratio {our / their:.2f}   median of {len(ours)}", flush=True)


def run(arguments, folder, ids, *options):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"input_ids": ids}, file)
        file.flush()
        return json.loads(output([arguments.cli, "run", folder, "--input", file.name, "--threads", arguments.threads, "--json", *options]))


def latency(arguments, folder, batch, tokens):
    ids = list(range(1000, 1000 + tokens))
    passes = 20 if batch == 1 else 8
    ours, theirs = [], []
    for _ in range(arguments.runs):
        ours.append(run(arguments, folder, ids, "--batch", batch, "--runs", passes)["latency_ms"]["median"])
        theirs.append(float(output([arguments.python, "-c", LATENCY, folder, arguments.threads, batch, tokens, passes])))
    say(f"BERT-base, {batch} x {tokens}", ours, theirs)


def timed(command):
    start = time.perf_counter()
    output(command)
    return 1000 * (time.perf_counter() - start)


def first_result(arguments):
    text = "The lorry stops at the weighbridge before it crosses the border."
    ours, theirs = [], []
    for turn in range(arguments.runs + 1):
        our = timed([arguments.cli, "run", arguments.minilm, "--text", text, "--runs", 0, "--threads", arguments.threads, "--json"])
        their = timed([arguments.python, "-c", START, arguments.minilm, arguments.threads, text])
        if turn > 0:  # the first pays for the file cache
            ours.append(our)
            theirs.append(their)
    say("start to first result", ours, theirs)


def generation(arguments, folder, steps=64):
    ids = list(range(1000, 1016))
    ours, theirs = [], []
    for _ in range(arguments.runs):
        ours.append(run(arguments, folder, ids, "--steps", steps, "--runs", 0)["continuation"]["ms"])
        theirs.append(float(output([arguments.python, "-c", GENERATE, folder, arguments.threads, steps])))
    say(f"GPT-2 small, {steps} tokens", ours, theirs)


def write_large(folder):
    """A safetensors file whose values are a hole."""
    hidden, inner, vocabulary = LARGE["hidden_size"], LARGE["intermediate_size"], LARGE["vocab_size"]
    shapes = {"model.embed_tokens.weight": [vocabulary, hidden], "lm_head.weight": [vocabulary, hidden], "model.norm.weight": [hidden]}
    for layer in range(LARGE["num_hidden_layers"]):
        prefix = f"model.layers.{layer}."
        for name in "qkvo":
            shapes[f"{prefix}self_attn.{name}_proj.weight"] = [hidden, hidden]
        shapes |= {prefix + "mlp.gate_proj.weight": [inner, hidden], prefix + "mlp.up_proj.weight": [inner, hidden], prefix + "mlp.down_proj.weight": [hidden, inner]}
        shapes |= {prefix + "input_layernorm.weight": [hidden], prefix + "post_attention_layernorm.weight": [hidden]}
    header, end = {}, 0
    for name, shape in shapes.items():
        nbytes = 4 * shape[0] * (shape[1] if len(shape) > 1 else 1)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [end, end + nbytes]}
        end += nbytes
    text = json.dumps(header).encode()
    with open(folder / "model.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + end)
    config = dict(LARGE, architectures=["LlamaForCausalLM"], model_type="llama", rms_norm_eps=1e-6, max_position_embeddings=2048, tie_word_embeddings=False, hidden_act="silu")
    (folder / "config.json").write_text(json.dumps(config))
    return end


def streamed(arguments, folder):
    nbytes = write_large(folder)
    limit = 1 << 30

    def limited():
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))

    (folder / "ids.json").write_text(json.dumps({"input_ids": list(range(1, 33))}))
    command = [arguments.cli, "run", folder, "--input", folder / "ids.json", "--stream", "--runs", 0, "--steps", 0, "--threads", arguments.threads, "--json"]
    start = time.perf_counter()
    answer = json.loads(output(command, preexec_fn=limited))
    print(f"streamed: {nbytes / 2**30:.2f} GiB in {time.perf_counter() - start:.1f} s, peak {answer['peak_memory_nbytes'] / 2**20:.0f} MiB resident, under a limit of {limit >> 20} MiB", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cli", required=True)
    parser.add_argument("--python", default="python3")
    parser.add_argument("--minilm", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--large", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folders = {name: pathlib.Path(place) / name for name in ("bert", "gpt2", "large")}
        output([arguments.python, "-c", MAKE, folders["bert"], "BertConfig", "BertModel"])
        latency(arguments, folders["bert"], 1, 128)
        latency(arguments, folders["bert"], 8, 128)
        if arguments.minilm:
            first_result(arguments)
        output([arguments.python, "-c", MAKE, folders["gpt2"], "GPT2Config", "GPT2LMHeadModel"])
        generation(arguments, folders["gpt2"])
        if arguments.large:
            folders["large"].mkdir()
            streamed(arguments, folders["large"])


if __name__ == "__main__":
    main()
