#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scores `weighbridge-cli check` against what a loader reported for broken pairs of config and checkpoint.

    score_check.py --cli build/dev/bin/weighbridge-cli [--verbose] SCENARIOS

Each folder of SCENARIOS holds a scenario.json with oracle.transformers {missing, unexpected, mismatched}. Prints, per scenario that has
such lists, whether the three agree key for key. Exit status 1 if one does not."""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile


def check(cli, folder, class_name):
    command = [cli, "check", folder, "--json"] + (["--class", class_name] if class_name else [])
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return json.loads(done.stdout)


def without_answer(scenario, folder):
    """A copy of the scenario in which the answer does not lie beside the question."""
    copy = os.path.join(folder, os.path.basename(scenario))
    shutil.copytree(scenario, copy, ignore=shutil.ignore_patterns("scenario.json"))
    return copy


def disagreements(answer, oracle):
    if "error" in answer:
        return ["error: " + answer["error"]["rule"]]
    out = []
    for field in ("missing", "unexpected"):
        found = {tensor["name"] for tensor in answer[field]}
        wanted = set(oracle[field])
        if found != wanted:
            out.append(f"{field}: +{sorted(found - wanted)[:3]} -{sorted(wanted - found)[:3]}")
    found = {(item["name"], tuple(item["found_shape"]), tuple(item["expected_shape"])) for item in answer["mismatched"] if item["found_shape"] != item["expected_shape"]}
    wanted = {(key, tuple(in_file), tuple(in_model)) for key, in_file, in_model in oracle["mismatched"]}
    if found != wanted:
        out.append(f"mismatched: +{sorted(found - wanted)[:2]} -{sorted(wanted - found)[:2]}")
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("scenarios")
    parser.add_argument("--cli", required=True)
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    agree = total = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in sorted(os.listdir(options.scenarios)):
            path = os.path.join(options.scenarios, name)
            answer_file = os.path.join(path, "scenario.json")
            if not os.path.isfile(answer_file):
                continue
            with open(answer_file, encoding="utf-8") as lines:
                scenario = json.load(lines)
            oracle = (scenario.get("oracle") or {}).get("transformers") or {}
            if "missing" not in oracle:
                continue
            total += 1
            try:
                differing = disagreements(check(options.cli, without_answer(path, folder), scenario.get("target_class")), oracle)
            except (ValueError, subprocess.SubprocessError) as error:
                differing = [f"no answer: {error}"]
            agree += not differing
            if differing or options.verbose:
                print(f"{name:32} {'agrees' if not differing else '; '.join(differing)}")
    print(f"{agree} of {total} agree key for key")
    return 0 if agree == total else 1


if __name__ == "__main__":
    sys.exit(main())
