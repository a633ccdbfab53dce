#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares files that hold the same tensors, written by different writers: `diff --values` has to find nothing but names.

    score_diff.py --cli build/dev/bin/weighbridge-cli FORMATS_FOLDER

Two fixtures of manifest.json belong together if they hold the same values (sha256) under the same names; each is compared with the next of its group.
A fixture that shares only a part is not looked at, nor is one that the program cannot open: the listing scores say so.
"""
import argparse
import collections
import json
import pathlib
import subprocess


def groups(folder):
    found = collections.defaultdict(list)
    for fixture in json.loads((folder / "manifest.json").read_text())["fixtures"]:
        tensors = fixture.get("tensors") or []
        if fixture["expect"] != "ok" or len(tensors) < 2 or not all(t.get("sha256") for t in tensors):
            continue
        found[frozenset((t["name"], t["sha256"], t["dtype"]) for t in tensors)].append(fixture)
    return [group for group in found.values() if len(group) > 1]


def run(cli, *arguments):
    result = subprocess.run([cli, *arguments, "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60)
    return result.returncode, json.loads(result.stdout or "null")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cli", required=True)
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()
    passed = total = 0
    for group in groups(arguments.folder):
        readable = [fixture for fixture in group if run(arguments.cli, "inspect", str(arguments.folder / fixture["path"]))[0] == 0]
        for a, b in zip(readable, readable[1:]):
            total += 1
            status, answer = run(arguments.cli, "diff", "--values", str(arguments.folder / a["path"]), str(arguments.folder / b["path"]))
            isSame = status == 0 and answer["same"] == len(a["tensors"]) and len(answer["values"]) == len(a["tensors"])
            passed += isSame
            if not isSame:
                print(f"{a['id']} against {b['id']}: status {status}, {answer and answer.get('relation', answer)}")
    print(f"TOTAL {passed}/{total}")


main()
