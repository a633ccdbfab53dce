#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks every sound fixture of a corpus and counts those that raise no finding of severity error.

    score_alarms.py DIR --cli build/dev/bin/weighbridge-cli [--model FOLDER]...

DIR holds manifest.json (`fixtures`: id, path, expect); those that expect `ok` are sound. --model names folders of published models besides.
Prints each alarm and `TOTAL silent/all`.
"""
import argparse
import json
import pathlib
import subprocess


def alarms(cli, path, true):
    done = subprocess.run([cli, "check", path, "--values", "--json"], capture_output=True, text=True, timeout=300)
    try:
        document = json.loads(done.stdout)
    except json.JSONDecodeError:
        return [f"no JSON, status {done.returncode}"]
    if "error" in document:
        return [f"{document['error']['rule']}: {document['error']['message']}"]
    return [f"{finding['rule']}: {finding['title']}" for finding in document["findings"] if finding["severity"] == "error" and finding["rule"] not in true]


def sound(corpus):
    manifest = json.loads((corpus / "manifest.json").read_text())
    fixtures = manifest["fixtures"] if isinstance(manifest, dict) else manifest
    return [(corpus / fixture["path"], true_of(fixture)) for fixture in fixtures if fixture["expect"] == "ok"]


def true_of(fixture):
    """What is said of it rightly: some hold NaN on purpose, as their manifest says."""
    return {"nan-or-inf"} if any(tensor.get("nan") or tensor.get("inf") for tensor in fixture["tensors"]) else set()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=pathlib.Path)
    parser.add_argument("--cli", type=pathlib.Path, required=True)
    parser.add_argument("--model", type=pathlib.Path, action="append", default=[], help="the folder of a published model")
    arguments = parser.parse_args()
    paths = sound(arguments.corpus) + [(model, set()) for model in arguments.model]
    silent = 0
    for path, true in paths:
        found = alarms(arguments.cli.resolve(), path, true)
        silent += not found
        for alarm in found:
            print(f"{path}: {alarm}")
    print(f"TOTAL {silent}/{len(paths)}")


if __name__ == "__main__":
    main()
