#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scores `weighbridge-cli infer` over all model types: score_inference.py --cli build/dev/bin/weighbridge-cli [MODEL_TYPE...]

For the base class and the language model of each type a stand-in checkpoint is written from what `expect` says of a config with few layers: its
names and shapes, without tied tensors, in a sparse file. The config that `infer` writes is right if it expects exactly the same tensors. It may
name another type with the same tensors: that no shape can tell; then the real type must be among the alternatives that it names.
Prints what fails, and the counts. Exit status 1 if a config that is said to fit exactly does not."""
import argparse
import collections
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile
import time

from sparse_checkpoint import write_sparse

LAYERS = re.compile(r"layers|^depth$|n_layer$|num_blocks")
FEW = 3
LANGUAGE_MODELS = ("AutoModelForCausalLM", "AutoModelForMaskedLM", "AutoModelForSeq2SeqLM", "AutoModelForImageTextToText")


def answer(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    return json.loads(done.stdout)


def written(path, config):
    with open(path, "w", encoding="utf-8") as out:
        json.dump(config, out)
    return path


def with_few_layers(spec):
    """Default values but for the number of layers."""
    few = {}
    for owner, rules in [(None, spec["config"]), *((name, spec.get("configs", {}).get(sub.get("config"), {})) for name, sub in spec["config"].get("sub", {}).items())]:
        less = {field: FEW for field, value in rules.get("fields", {}).items() if type(value) is int and value > FEW and LAYERS.search(field)}
        if owner and less:
            few[owner] = {**spec["config"]["sub"][owner].get("default", {}), **less, "model_type": spec["config"]["sub"][owner].get("model_type", "")}
        elif less:
            few.update(less)
    return few


def stand_in(cli, folder, spec, class_name):
    """What the class asks for: (expected, tied targets), with few layers if the specification takes that; None if it needs more than defaults."""
    for changes in (with_few_layers(spec), {}):
        expected = answer(cli, "expect", written(os.path.join(folder, "config.json"), {"model_type": spec["model_type"], **changes}), "--class", class_name, "--json")
        if expected.get("tensors"):
            return expected
    return None


def shapes(expected, with_buffers=True):
    """Without tied tensors, as files are saved."""
    left_out = {*expected["tied"], *(() if with_buffers else expected["buffers"])}
    return {tensor["name"]: tensor["shape"] for tensor in expected["tensors"] if tensor["name"] not in left_out}


def outcome(cli, spec, class_name, until):
    if time.monotonic() > until:
        return "no time", ""
    try:
        return scored(cli, spec, class_name)
    except subprocess.TimeoutExpired:
        return "too slow", ""


def scored(cli, spec, class_name):
    with tempfile.TemporaryDirectory() as folder:
        expected = stand_in(cli, folder, spec, class_name)
        if not expected:
            return "no default config", ""
        wanted = shapes(expected)
        path = os.path.join(folder, "model.safetensors")
        if not write_sparse(path, wanted):
            return "too large", ""
        start = time.monotonic()
        inferred = answer(cli, "infer", path, "--json")
        seconds = f"{time.monotonic() - start:.1f} s"
        if "error" in inferred:
            return "nothing", seconds
        config = inferred["config"]
        found = answer(cli, "expect", written(os.path.join(folder, "inferred.json"), config), "--json")
        # The loader says nothing of some buffers: numbers of positions.
        fits = "tensors" in found and shapes(found, False) == shapes(expected, False)
        what = f"{config['model_type']} {config['architectures'][0]}, {seconds}"
        if not fits:
            return ("said to be exact, is not" if inferred["exact"] else "not exact"), what
        if config["model_type"] == spec["model_type"]:
            return "exact", what
        return ("exact, as another type" if spec["model_type"] in inferred["also"] else "exact, as another type only"), what


def classes_of(spec):
    """The base class, and the first language model that is another."""
    auto = spec.get("auto", {})
    others = [auto[name] for name in LANGUAGE_MODELS if auto.get(name) in spec["classes"] and auto[name] != spec["base_class"]]
    return [name for name in (spec["base_class"], *others[:1]) if name in spec["classes"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("types", nargs="*")
    parser.add_argument("--cli", required=True)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=24 * 60, help="after these the rest is left out")
    parser.add_argument("--specs", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "resources", "architectures"))
    options = parser.parse_args()
    specs = []
    for model_type in options.types or sorted(name[:-5] for name in os.listdir(options.specs) if not name.startswith("gguf-")):
        with open(os.path.join(options.specs, model_type + ".json"), encoding="utf-8") as file:
            specs.append(json.load(file))
    counts = collections.Counter()
    done = time.monotonic() + options.minutes * 60
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        waiting = [(spec["model_type"], class_name, pool.submit(outcome, options.cli, spec, class_name, done)) for spec in specs for class_name in classes_of(spec)]
        for model_type, class_name, future in waiting:
            name, what = future.result()
            counts[name] += 1
            if name not in ("exact", "exact, as another type", "no time"):
                print(f"{model_type} {class_name}: {name} ({what})", flush=True)
    for name, number in counts.most_common():
        print(f"{number:5} {name}")
    return 1 if counts["said to be exact, is not"] else 0


if __name__ == "__main__":
    sys.exit(main())
