#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repairs every folder of a corpus of broken checkpoints that a repair can mend, and loads the copies with transformers.

    score_repair.py DIR --cli build/dev/bin/weighbridge-cli [--id REGEX]

DIR holds one folder per scenario with scenario.json (`root_cause`). Mended is: `repair` writes a copy, and from_pretrained of the class
that its config names reports nothing missing, unexpected or mismatched. Prints the ones that are not and `TOTAL mended/mendable`; then how
many of the others were refused, as they must be (`REFUSED n/all`). Exit status 77 if transformers is not installed.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# Causes that lie in names, layout, format or config, so that the files hold all that a sound copy needs.
MENDABLE = {
    "class-differs", "config-format", "config-syntax", "hidden-size", "inconsistent-index", "intermediate-size", "key-prefix", "layer-gap",
    "max-position-embeddings", "nested-state-dict", "num-hidden-layers", "num-labels", "renamed-keys", "tie-word-embeddings", "transposed",
    "unmerged-adapter", "vocab-size", "wrong-format-for-extension",
}
# The same words, but what is inside has other names than the model (GGUF, ONNX), or is no checkpoint (gzip, Keras).
OTHER_CONTENT = re.compile("renamed_(gguf|onnx|gz|h5|keras)")
# A config that is cut has lost what no shape says.
BEYOND_REPAIR = re.compile("truncated")
# No copy may be written: the values are damaged, absent or of something else.
DAMAGED = {"adapter", "checksum", "deepspeed-zero3", "git-lfs-pointer", "html-page", "missing-shard", "optimizer-state", "quantization-config-missing", "shard-revision", "truncated"}


def repaired(cli, scenario, folder, target_class):
    """The folder of the copy, or what `repair` said instead."""
    source = folder / "source"
    shutil.copytree(scenario, source, ignore=shutil.ignore_patterns("scenario.json"), copy_function=shutil.copyfile)
    command = [cli, "repair", source, "-o", folder / "copy", "--json"]
    if target_class and not named_classes(source / "config.json"):
        command += ["--class", target_class]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    answer = json.loads(done.stdout)
    if "error" in answer:
        return None, f"{answer['error']['rule']}: {answer['error']['message']}"
    return (folder / "copy", "") if answer["out"] else (None, "nothing to repair")


def named_classes(config):
    try:
        return json.loads(config.read_text()).get("architectures")
    except (OSError, ValueError):
        return None


def disagreements(transformers, copy, target_class):
    """What from_pretrained reports of the copy; empty if nothing."""
    name = (named_classes(copy / "config.json") or [target_class or "AutoModel"])[0]
    try:
        _, info = getattr(transformers, name).from_pretrained(copy, output_loading_info=True)
    except Exception as error:  # whatever a loader raises is the answer
        return f"{type(error).__name__}: {str(error)[:200]}"
    return ", ".join(f"{key} {sorted(map(str, info[key]))[:3]}" for key in ("missing_keys", "unexpected_keys", "mismatched_keys") if info.get(key))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=pathlib.Path)
    parser.add_argument("--cli", type=pathlib.Path, required=True)
    parser.add_argument("--id", default="", help="a regular expression for the scenarios' names")
    arguments = parser.parse_args()
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        import transformers
    except ImportError:
        print("Not scored: transformers is not installed for this Python.")
        sys.exit(77)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    mended = mendable = refused = damaged = 0
    for path in sorted(arguments.corpus.glob("*/scenario.json")):
        scenario = json.loads(path.read_text())
        cause = scenario["root_cause"]
        is_mendable = cause in MENDABLE and not OTHER_CONTENT.match(path.parent.name) and not BEYOND_REPAIR.search(scenario.get("fix") or "")
        if not re.search(arguments.id, path.parent.name) or not (is_mendable or cause in DAMAGED):
            continue
        with tempfile.TemporaryDirectory() as folder:
            copy, why = repaired(arguments.cli.resolve(), path.parent, pathlib.Path(folder), scenario.get("target_class"))
            if is_mendable:
                mendable += 1
                why = why if copy is None else disagreements(transformers, copy, scenario.get("target_class"))
                mended += 0 if why else 1
                if why:
                    print(f"{path.parent.name}: {cause}: {why}")
            else:
                damaged += 1
                refused += 1 if copy is None else 0
                if copy is not None:
                    print(f"{path.parent.name}: {cause}: a copy was written")
    print(f"REFUSED {refused}/{damaged}")
    print(f"TOTAL {mended}/{mendable}")


if __name__ == "__main__":
    main()
