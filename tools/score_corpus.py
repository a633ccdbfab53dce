#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one scorer on a corpus and fails if a smaller share passes than tests/corpus-thresholds.txt records.

    score_corpus.py NAME --cli build/dev/bin/weighbridge-cli --corpus DIR [--scores FILE]

A scorer is a program that prints how many of how many cases passed; of its own exit status only 77 (it needs what is not installed) counts.
"""
import argparse
import os
import pathlib
import re
import shlex
import subprocess
import sys

NOT_SCORED = 77
NEED_TRANSFORMERS = {"repair", "variants"}
ROOT = pathlib.Path(__file__).resolve().parent.parent

# Fixtures by the family of their writer: a regular expression for the manifest's `format`.
LISTINGS = {
    "listing-safetensors": "^safetensors$",
    "listing-folders": "^(hf_folder|peft_folder|deepspeed_folder)",
    "listing-torch": "^(torch_|torchscript|pickle_)",
    "listing-hdf5": "h5|hdf5|keras",
    "listing-numpy": "^np[yz]$",
    "listing-gguf": "^gguf",
    "listing-others": "^(tf_(?!hf_h5)|tflite|onnx|flax|orbax)",
    "listing-broken": "^broken$",
}


def scorer(name, cli, corpus):
    """The command of a scorer, and the regular expression of the line that counts."""
    if name in LISTINGS:
        fixtures = corpus / "fixtures"
        return ([fixtures / "check_listing.py", "--manifest", fixtures / "formats/manifest.json",
                 "--format", LISTINGS[name], "--cmd", shlex.quote(str(cli)) + " inspect --json --sha256 {path}"], r"^TOTAL\s+(\d+)/(\d+)")
    if name == "architectures":
        return ([ROOT / "tools/score_archspec.py", "--cli", cli, "--jobs", str(os.cpu_count()), *sorted((corpus / "archspec").glob("*.jsonl.gz"))],
                r"(\d+) of (\d+) exact in every case")
    if name == "badinputs":
        return ([ROOT / "tools/score_badinputs.py", "--program", cli, "--manifest", corpus / "badinputs/manifest.json"], r"^total\s+(\d+) of (\d+)")
    if name == "scenarios":
        return [ROOT / "tools/score_scenarios.py", "--cli", cli, corpus / "fixtures/scenarios"], r"^TOTAL\s+(\d+)/(\d+)"
    if name == "diff":
        return [ROOT / "tools/score_diff.py", "--cli", cli, corpus / "fixtures/formats"], r"^TOTAL\s+(\d+)/(\d+)"
    if name == "origin":
        return [ROOT / "tools/score_origin.py", cli, corpus / "randinit/cases"], r"^TOTAL (\d+) of (\d+)"
    if name == "check":
        return [ROOT / "tools/score_check.py", "--cli", cli, corpus / "fixtures/scenarios"], r"(\d+) of (\d+) agree key for key"
    if name == "alarms":
        return [ROOT / "tools/score_alarms.py", "--cli", cli, corpus / "fixtures/formats"], r"^TOTAL\s+(\d+)/(\d+)"
    if name == "variants":
        return [ROOT / "tools/make_scenarios.py", "--score", cli], r"^TOTAL\s+(\d+)/(\d+)"
    if name == "repair":
        return [ROOT / "tools/score_repair.py", "--cli", cli, corpus / "fixtures/scenarios"], r"^TOTAL\s+(\d+)/(\d+)"
    sys.exit(f"There is no scorer {name}.")


def threshold(name):
    for line in (ROOT / "tests/corpus-thresholds.txt").read_text().splitlines():
        words = line.split("#")[0].split()
        if words and words[0] == name:
            return float(words[1])
    sys.exit(f"tests/corpus-thresholds.txt has no line for {name}.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("--cli", type=pathlib.Path, required=True)
    parser.add_argument("--corpus", type=pathlib.Path, required=True)
    parser.add_argument("--scores", type=pathlib.Path, help="a file that the result's line is appended to")
    parser.add_argument("--transformers-python", default="", help="the Python for the scorers that need transformers; empty: this one")
    arguments = parser.parse_args()
    wanted = threshold(arguments.name)
    command, counted = scorer(arguments.name, arguments.cli.resolve(), arguments.corpus.resolve())
    python = arguments.transformers_python if arguments.name in NEED_TRANSFORMERS else ""
    result = subprocess.run([python or sys.executable, *map(str, command)], stdout=subprocess.PIPE, text=True)
    print(result.stdout)
    if result.returncode == NOT_SCORED:
        sys.exit(NOT_SCORED)
    totals = re.findall(counted, result.stdout, re.MULTILINE)
    if not totals or totals[-1][1] == "0":
        sys.exit(f"{arguments.name}: the scorer counted no cases.")
    passed, total = map(int, totals[-1])
    share = 100 * passed / total
    line = f"{arguments.name}: {passed} of {total} passed ({share:.1f} %), at least {wanted:g} % is wanted."
    print(line)
    if arguments.scores:
        with open(arguments.scores, "a") as scores:
            scores.write(line + "\n")
    sys.exit(0 if share >= wanted else 1)


if __name__ == "__main__":
    main()
