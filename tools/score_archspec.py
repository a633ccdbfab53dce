#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scores `weighbridge-cli expect` against what a library builds: names, shapes, order, ties, buffers, ignore lists.

    score_archspec.py --cli build/dev/bin/weighbridge-cli [--type bert]... [--jobs N] CASES.jsonl.gz...

One line of a case file is {model_type, configs: [...], classes: {Class: [case or null per config]}}, or {config, classes: {Class: case}}.
Prints exact, unknown (an error that says so) and wrong per model type. Exit status 1 if anything is wrong."""
import argparse
import collections
import concurrent.futures
import gzip
import json
import os
import subprocess
import sys
import tempfile

HONEST = {"unknown-model-type", "unknown-class", "remote-code"}


def expect(cli, path, class_name):
    done = subprocess.run([cli, "expect", path, "--class", class_name, "--json"], capture_output=True, text=True, timeout=120)
    return json.loads(done.stdout)


def differences(answer, case, details):
    """What differs; with `details` also what a comparison of names and shapes does not need."""
    found = {tensor["name"]: tensor["shape"] for tensor in answer["tensors"]}
    if found != case["keys"]:
        return "keys"
    if list(found) != list(case["keys"]):
        return "order"
    if not details:
        return None
    # Ties are compared as they are, lists as sets.
    if answer["tied"] != case.get("tied", {}):
        return "tied"
    if answer["nonpersistent"] != case.get("nonpersistent", {}):
        return "nonpersistent"
    for field in ("buffers", "ignore_missing", "ignore_unexpected"):
        if sorted(answer[field]) != sorted(case.get(field, [])):
            return field
    if answer["base_model_prefix"] != case.get("base_model_prefix", ""):
        return "base_model_prefix"
    return None


def score(cli, folder, number, config, class_name, case, details):
    path = os.path.join(folder, f"{number}.json")
    with open(path, "w", encoding="utf-8") as out:
        json.dump(config, out)
    try:
        answer = expect(cli, path, class_name)
    except (ValueError, subprocess.SubprocessError) as error:
        return "wrong", f"no answer: {error}"
    finally:
        os.remove(path)
    if "error" in answer:
        rule = answer["error"]["rule"]
        return ("unknown" if rule in HONEST else "error"), answer["error"]["message"]
    difference = differences(answer, case, details)
    return ("wrong", difference) if difference else ("exact", None)


def cases(path, types):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if types and row["model_type"] not in types:
                continue
            for class_name, answers in row["classes"].items():
                pairs = zip(row["configs"], answers) if "configs" in row else [(row["config"], answers)]
                for config, case in pairs:
                    if case is not None:
                        yield row["model_type"], class_name, {"model_type": row["model_type"], **config}, case


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", nargs="+")
    parser.add_argument("--cli", required=True)
    parser.add_argument("--type", action="append", default=[])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--keys-only", action="store_true", help="names, shapes and order only")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    totals = collections.defaultdict(collections.Counter)
    pairs = collections.defaultdict(collections.Counter)
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for path in options.files:
            waiting = [(model_type, class_name, pool.submit(score, options.cli, folder, f"{os.path.basename(path)}-{number}", config, class_name, case, not options.keys_only))
                       for number, (model_type, class_name, config, case) in enumerate(cases(path, options.type))]
            for model_type, class_name, future in waiting:
                outcome, why = future.result()
                totals[model_type][outcome] += 1
                pairs[model_type, class_name][outcome] += 1
                if options.verbose and outcome in ("wrong", "error"):
                    print(f"{outcome}: {model_type} {class_name}: {why}")
    everything = collections.Counter()
    for model_type, counts in sorted(totals.items()):
        everything += counts
        if counts["exact"] or counts["wrong"]:
            print(f"{model_type:32} " + "  ".join(f"{outcome} {counts[outcome]}" for outcome in ("exact", "unknown", "error", "wrong")))
    exact_pairs = sum(1 for counts in pairs.values() if set(counts) == {"exact"})
    print(f"{'all':32} " + "  ".join(f"{outcome} {everything[outcome]}" for outcome in ("exact", "unknown", "error", "wrong")))
    print(f"pairs of model type and class: {exact_pairs} of {len(pairs)} exact in every case")
    return 1 if everything["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
