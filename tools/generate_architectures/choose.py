# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts proposals together: python choose.py --out FOLDER LINES=PASSED...

LINES is a folder of proposals (README.md), PASSED what gate.py let through of it. Of several proposals for a class the one that refers to other
models' own files wins, then the shorter one."""
import argparse
import json
import os


def weight(entry):
    refers = any(isinstance(line[1], dict) for line in entry["lines"])
    return not refers, len(json.dumps(entry))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("proposals", nargs="+", metavar="LINES=PASSED")
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    chosen = {}
    for proposal in options.proposals:
        folder, passed = proposal.split("=")
        with open(passed, encoding="utf-8") as file:
            allowed = {tuple(pair) for pair in json.load(file)}
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                spec = json.load(file)
            if "configs" not in spec:
                continue
            out = chosen.setdefault(name, {**spec, "classes": {}})
            for class_name, entry in spec["classes"].items():
                if (spec["model_type"], class_name) not in allowed:
                    continue
                if out["configs"] != spec["configs"] and out["classes"]:
                    continue  # two descriptions of the config do not mix
                if not out["classes"]:
                    out["configs"] = spec["configs"]
                known = out["classes"].get(class_name)
                if known is None or weight(entry) < weight(known):
                    out["classes"][class_name] = entry
    for name, spec in chosen.items():
        if spec["classes"]:
            with open(os.path.join(options.out, name), "w", encoding="utf-8") as file:
                json.dump(spec, file)
    print(sum(len(spec["classes"]) for spec in chosen.values()), "classes")


if __name__ == "__main__":
    main()
