# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what the library says for all model types at once: python mappings.py --auto auto.json --renames renames.json

auto.json: {"models": {"AutoModel": {model_type: class or [classes]}}}. renames.json: what the loader does with a checkpoint's keys, by class or model
type, in its order: [{"k": kind, "re": pattern, "dst": [target], "ops": [{"op": name, ...arguments}]}]. Offline."""
import argparse
import json
import os

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", TRANSFORMERS_VERBOSITY="critical")
from transformers import conversion_mapping  # noqa: E402
from transformers.models.auto import modeling_auto  # noqa: E402

PLAIN = (int, str, bool, list, tuple, type(None))


def auto_classes():
    out = {}
    for name, auto in sorted(vars(modeling_auto).items()):
        mapping = getattr(auto, "_model_mapping", None)
        if name.startswith("Auto") and mapping is not None:
            out[name] = {model_type: list(classes) if isinstance(classes, (tuple, list)) else classes for model_type, classes in mapping._model_mapping.items()}
    return out


def operation(step):
    return {"op": type(step).__name__, **{key: value for key, value in vars(step).items() if isinstance(value, PLAIN)}}


def transform(entry):
    out = {"k": type(entry).__name__, "re": entry.compiled_sources.pattern, "dst": list(entry.target_patterns)}
    if hasattr(entry, "operations"):
        out["ops"] = [operation(step) for step in entry.operations]
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--auto", required=True)
    parser.add_argument("--renames", required=True)
    options = parser.parse_args()
    with open(options.auto, "w", encoding="utf-8") as out:
        json.dump({"models": auto_classes()}, out, indent=1)
    mapping = conversion_mapping._build_checkpoint_conversion_mapping()
    with open(options.renames, "w", encoding="utf-8") as out:
        json.dump({name: [transform(entry) for entry in entries] for name, entries in mapping.items()}, out, indent=1)


if __name__ == "__main__":
    main()
