#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""score_origin.py CLI FOLDER : false alarms and recall of `stats --json` on labelled checkpoints.

FOLDER holds NAME.safetensors with NAME.labels.json: {"expect": "trained" | "random" | "mixed:..." | "fewsteps",
"labels": {tensor: "trained" | "random" | anything else, which is not scored}}. Matrices of 1024 values and more count.
"""
import collections
import json
import os
import pathlib
import subprocess
import sys

NO_CACHE = os.environ | {"XDG_CACHE_HOME": "/dev/null"}  # what another build said of the same file is no answer
MODEL = {"trained": "trained", "random": "random", "mixed": "partly-random"}


def main(cli, folder):
    counts = collections.Counter()
    wrong = []
    for labels_path in sorted(folder.glob("*.labels.json")):
        name = labels_path.name.removesuffix(".labels.json")
        labels = json.loads(labels_path.read_text())
        answer = subprocess.run([cli, "stats", folder / f"{name}.safetensors", "--json"], capture_output=True, check=True, env=NO_CACHE).stdout
        found = json.loads(answer)
        for tensor, label in labels["labels"].items():
            entry = found["tensors"][tensor]
            if label in ("trained", "random") and len(entry["shape"]) >= 2 and entry["count"] >= 1024:
                verdict = entry["origin"]["verdict"]
                counts[label, verdict] += 1
                if (verdict == "random") != (label == "random"):
                    wrong.append((name, tensor, label, verdict))
        # shipped models with layers that were never trained are partly random whatever their case says
        expected = MODEL.get(labels["expect"].split(":")[0])
        if expected == "trained" and "random" in labels["labels"].values():
            expected = "partly-random"
        if expected:
            counts["model", found["model"]["verdict"] == expected] += 1
    for key, count in sorted(counts.items(), key=str):
        print(*key, count)
    for row in wrong:
        print("WRONG", *row)
    print(f"TOTAL {counts.total() - len(wrong) - counts['model', False]} of {counts.total()}")


main(sys.argv[1], pathlib.Path(sys.argv[2]))
