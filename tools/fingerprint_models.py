#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what the library builds from published configs: python fingerprint_models.py tests/data/arch/published_models.json

The file lists {"name", "class", "config"}; each gets "tensors" and the SHA-256 of its state dict's lines
"name [sizes]", in order. tst_expected_model compares. What the library refuses is an error. Offline; nothing is allocated."""
import hashlib
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "generate_architectures"))
import probe  # noqa: E402


def fingerprint(row):
    case = probe.built(row["class"], row["config"])
    if case is None:
        raise SystemExit(f"{row['name']}: {row['class']} cannot be built")
    lines = "".join(f"{name} [{','.join(map(str, shape))}]\n" for name, shape in case["keys"].items())
    return {"tensors": len(case["keys"]), "sha256": hashlib.sha256(lines.encode()).hexdigest()}


def main():
    (path,) = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        rows = json.load(file)
    rows = [{"name": row["name"], "class": row["class"], "config": row["config"], **fingerprint(row)} for row in rows]
    with open(path, "w", encoding="utf-8") as file:
        file.write("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")


if __name__ == "__main__":
    main()
