#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scores `weighbridge-cli check` against what the library's own loader reports: python score_loader.py --cli CLI [--cases N] PROBES.jsonl.gz...

PROBES are what generate_architectures/probe.py writes, or cases as tools/score_archspec.py reads them. Model types come in random order, of each a
few classes. For each class a checkpoint is written as its authors publish it and in variants (converted already, prefix stripped, prefix added, tied
tensors left out, gamma and beta, some tensors dropped, added or of another shape, another head's). The loader runs on the meta device; the files are
sparse. The lists missing, unexpected and mismatched must be equal, key for key; where the loader fails to convert, or the program says that it does
not know, the case does not count. Exit status 1 if one differs."""
import argparse
import collections
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", TRANSFORMERS_VERBOSITY="critical")
import torch  # noqa: E402
import transformers  # noqa: E402
from transformers import initialization  # noqa: E402
from transformers.conversion_mapping import get_model_conversion_mapping  # noqa: E402
from transformers.core_model_loading import convert_and_load_state_dict_in_model, revert_weight_conversion  # noqa: E402
from transformers.modeling_utils import LoadStateDictConfig  # noqa: E402
from transformers.models.auto.configuration_auto import CONFIG_MAPPING  # noqa: E402

from sparse_checkpoint import write_sparse  # noqa: E402

transformers.utils.logging.disable_progress_bar()
HONEST = {"unknown-model-type", "unknown-class"}
LISTS = ("missing", "unexpected", "mismatched")


def built(class_name, config):
    parsed = CONFIG_MAPPING[config["model_type"]].from_dict(json.loads(json.dumps(config)))
    with torch.device("meta"), initialization.no_init_weights():
        return getattr(transformers, class_name)(parsed)


def shapes_of(state):
    return {name: list(tensor.shape) for name, tensor in state.items()}


def as_published(model):
    return shapes_of(revert_weight_conversion(model, model.state_dict()))


def variants(model, other, rng):
    """Checkpoints by the name of what was done to them: {name: shape}. `other`: a model of another class, or None."""
    published = as_published(model)
    prefix = model.base_model_prefix + "."
    yield "published", published
    yield "converted", shapes_of(model.state_dict())
    yield "stripped", {name.removeprefix(prefix): shape for name, shape in published.items()}
    yield "prefixed", {prefix + name: shape for name, shape in published.items()}
    yield "untied", {name: shape for name, shape in published.items() if name not in model.all_tied_weights_keys}
    yield "gamma", {name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): shape for name, shape in published.items()}
    damaged = {name: shape for name, shape in published.items() if rng.random() > 0.15}
    for name in rng.sample(sorted(damaged), min(3, len(damaged))):
        damaged[name] = [size + 1 for size in damaged[name]] or [1]
    if other:
        yield "other head", as_published(other)
    yield "damaged", {**damaged, "junk.weight": [3], prefix + "junk": [2, 2], "model.embeddings.position_ids": [1, 5], "layers.0.rotary_emb.inv_freq": [4]}


def loaded(class_name, config, checkpoint):
    """The loader's three lists, or None if it cannot convert the checkpoint."""
    model = built(class_name, config)
    state = {name: torch.empty(shape, device="meta") for name, shape in checkpoint.items()}
    how = LoadStateDictConfig(device_map={"": "meta"}, dtype=torch.float32, weight_mapping=get_model_conversion_mapping(model))
    info, _ = convert_and_load_state_dict_in_model(model, state, how, None)
    if info.conversion_errors:
        return None
    model.mark_tied_weights_as_initialized(info)
    model.tie_weights(missing_keys=info.missing_keys, recompute_mapping=False)
    model._adjust_missing_and_unexpected_keys(info)
    return {"missing": sorted(info.missing_keys), "unexpected": sorted(info.unexpected_keys), "mismatched": sorted(name for name, *_ in info.mismatched_keys)}


def checked(cli, folder, class_name, config, checkpoint):
    with open(os.path.join(folder, "config.json"), "w", encoding="utf-8") as out:
        json.dump({**config, "architectures": [class_name]}, out)
    if not write_sparse(os.path.join(folder, "model.safetensors"), checkpoint):
        return None
    done = subprocess.run([cli, "check", folder, "--class", class_name, "--json"], capture_output=True, text=True, timeout=120)
    answer = json.loads(done.stdout)
    if "error" in answer or any(finding["rule"] in HONEST for finding in answer["findings"]):
        return None
    # The files hold 32 bit floats alone, so a count of batches differs in its dtype; the loader compares shapes.
    differing = [item for item in answer["mismatched"] if item["expected_shape"] != item["found_shape"]]
    return {key: sorted(item["name"] for item in items) for key, items in {**answer, "mismatched": differing}.items() if key in LISTS}


def rows_of(paths):
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                yield {"model_type": row["model_type"], "configs": row["configs"], "built": {name: [case is not None for case in cases] for name, cases in row["classes"].items()}}


def cases(paths, of_each, rng):
    """A config and a class that the library builds from it, with another such class or None; at most `of_each` classes of a model type."""
    rows = list(rows_of(paths))
    for row in rng.sample(rows, len(rows)):
        for class_name in rng.sample(sorted(row["built"]), min(of_each, len(row["built"]))):
            numbers = [number for number, is_built in enumerate(row["built"][class_name]) if is_built]
            if numbers:
                number = rng.choice(numbers)
                others = [name for name in sorted(row["built"]) if name != class_name and row["built"][name][number]]
                yield class_name, rng.choice(others) if others else None, {"model_type": row["model_type"], **row["configs"][number]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("probes", nargs="+")
    parser.add_argument("--cli", required=True)
    parser.add_argument("--cases", type=int, default=600)
    parser.add_argument("--classes", type=int, default=2, help="of one model type")
    parser.add_argument("--variants", type=int, help="of one class; all if not given")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    rng = random.Random(options.seed)
    counts, by_variant = collections.Counter(), collections.defaultdict(collections.Counter)
    with tempfile.TemporaryDirectory() as folder:
        for class_name, other_name, config in cases(sorted(options.probes), options.classes, rng):
            if counts["equal"] + counts["different"] >= options.cases:
                break
            other = built(other_name, config) if other_name else None
            checkpoints = list(variants(built(class_name, config), other, rng))
            for variant, checkpoint in rng.sample(checkpoints, min(options.variants or len(checkpoints), len(checkpoints))):
                wanted = loaded(class_name, config, checkpoint)
                found = checked(options.cli, folder, class_name, config, checkpoint) if wanted else None
                outcome = "no conversion" if wanted is None else "unknown" if found is None else "equal" if found == wanted else "different"
                counts[outcome] += 1
                by_variant[variant][outcome] += 1
                counts["not empty"] += outcome == "equal" and any(wanted.values())
                if outcome == "different":
                    for key in LISTS:
                        if found[key] != wanted[key]:
                            extra, absent = set(found[key]) - set(wanted[key]), set(wanted[key]) - set(found[key])
                            print(f"{config['model_type']} {class_name} {variant} {key}: only here {sorted(extra)[:3]}, only there {sorted(absent)[:3]}", flush=True)
                if outcome == "unknown":
                    break
    for variant, outcomes in by_variant.items():
        print(f"{variant:10} " + "  ".join(f"{name} {number}" for name, number in outcomes.items()))
    print("all        " + "  ".join(f"{name} {number}" for name, number in counts.items()))
    return 1 if counts["different"] else 0


if __name__ == "__main__":
    sys.exit(main())
