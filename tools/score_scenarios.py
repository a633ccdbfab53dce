#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks every folder of a corpus of broken checkpoints and compares the root cause with the recorded one.

    score_scenarios.py DIR --cli build/dev/bin/weighbridge-cli [--id REGEX]

DIR holds one folder per scenario with scenario.json (`root_cause`; `none` for a control). Right is: the first finding's rule, or
the error's, is the root cause; a control has no error. Prints the wrong ones and `TOTAL right/all`.
"""
import argparse
import json
import pathlib
import re
import subprocess


NO_ERROR = " (no error)"


def answer(cli, folder, target_class):
    command = [cli, "check", folder, "--json"]
    config = next((c for c in (folder / "config.json", folder / "bert_config.json") if c.exists()), None)
    if target_class and config and not named_classes(config):
        command += ["--class", target_class]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    try:
        return done.returncode, json.loads(done.stdout)
    except json.JSONDecodeError:
        return done.returncode, {"error": {"rule": f"no JSON, status {done.returncode}"}}


def named_classes(config):
    try:
        return json.loads(config.read_text()).get("architectures")
    except (ValueError, AttributeError):
        return ["unreadable"]


def verdict(document):
    """The rule that the program gives as root cause, marked if it is no error; `none` if there is no finding."""
    if "error" in document:
        return document["error"]["rule"]
    findings = document["findings"]
    if not findings:
        return "none"
    return findings[0]["rule"] + ("" if any(f["severity"] == "error" for f in findings) else NO_ERROR)


def is_right(root_cause, given):
    if root_cause == "none":
        return given == "none" or given.endswith(NO_ERROR)
    return given.removesuffix(NO_ERROR) == root_cause


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=pathlib.Path)
    parser.add_argument("--cli", type=pathlib.Path, required=True)
    parser.add_argument("--id", default="", help="a regular expression for the scenarios' names")
    arguments = parser.parse_args()
    right = total = 0
    for path in sorted(arguments.corpus.glob("*/scenario.json")):
        scenario = json.loads(path.read_text())
        if not re.search(arguments.id, path.parent.name) or scenario.get("detectable") != "from_files":
            continue
        status, document = answer(arguments.cli.resolve(), path.parent, scenario.get("target_class"))
        given = verdict(document)
        total += 1
        if is_right(scenario["root_cause"], given):
            right += 1
            continue
        sentence = document.get("sentence") or document.get("error", {}).get("message", "")
        print(f"{path.parent.name}: {scenario['root_cause']} expected, {given} given (status {status}): {sentence}")
    print(f"TOTAL {right}/{total}")


if __name__ == "__main__":
    main()
