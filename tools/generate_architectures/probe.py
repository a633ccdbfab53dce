# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the library what it builds: python probe.py --out FOLDER [--seed N] [--draws N] [MODEL_TYPE...]

For each model type: configs drawn at random around the defaults, and flips of single switches; every class of the type is built from each
on the meta device, without memory for values. One file per type: {model_type, configs, classes: {Class: [case or null per config]}}, a
case as tools/score_archspec.py reads it, plus `tree`: the models inside the model, for the loader's renames. Offline."""
import argparse
import copy
import gzip
import itertools
import json
import logging
import os
import random
import re
import signal
import sys
import warnings

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", TRANSFORMERS_VERBOSITY="critical")
warnings.filterwarnings("ignore")
import torch  # noqa: E402
import transformers  # noqa: E402
from transformers import initialization  # noqa: E402
from transformers.models.auto import modeling_auto  # noqa: E402
from transformers.models.auto.configuration_auto import CONFIG_MAPPING  # noqa: E402

torch.set_num_threads(1)
logging.disable(logging.CRITICAL)

LAYERS = re.compile(r"(layers|^depth|n_layer|num_blocks|n_blocks|_layer$|_depth|nlayers|num_stages_)")
SIZES = re.compile(r"(hidden|dim$|d_model|size$|embd|d_ff|ffn|width|channels|dim|inner|inter|planes|rank|features|expand)")
HEADS = re.compile(r"(head|groups)")
NOT_SIZES = re.compile(r"(token|_ids?$|index|seed|beam|length_pen|id2label|label2id|version|_name|^dtype|output_|return_|use_cache|problem|chunk_size_feed|min_|top_k$|"
                       r"temperature|gradient|_implementation|architectures|prefix|task|^max_length|use_return|mup|n_fft|sampling|sample_rate|hop|rope|mask_)")
WHICH_LAYERS = re.compile(r"(_layers|indices)$")  # lists of the layers that are of another kind
DERIVED_LISTS = {"stage_names", "out_features", "out_indices", "label2id"}
SECONDS_PER_MODEL = 20  # of processor time: the machine may be busy


class TooSlow(Exception):
    pass


def too_slow(*_):
    raise TooSlow


def classes_of_types():
    out = {}
    for name in sorted(dir(modeling_auto)):
        if name.endswith("_MAPPING_NAMES") and name != "CONFIG_MAPPING_NAMES":
            for model_type, classes in getattr(modeling_auto, name).items():
                for class_name in classes if isinstance(classes, (tuple, list)) else (classes,):
                    out.setdefault(model_type, set()).add(class_name)
    return out


def leaves(config, path=()):
    for key, value in config.items():
        if isinstance(value, dict):
            yield from leaves(value, path + (key,))
        else:
            yield path + (key,), value


def changed_size(key, value, rng):
    """Another value for a whole number, or None to leave it."""
    if LAYERS.search(key) and value > 1:
        return rng.randint(2, 5)
    if "vocab" in key and value > 8:
        return value + rng.randint(1, 40)
    if HEADS.search(key) and "size" not in key and "dim" not in key and value > 1:
        return max(1, rng.choice([value // 2, value * 2])) if rng.random() < 0.5 else None
    if "expert" in key and value > 1:
        return rng.choice([value, value + 2, max(2, value // 2)])
    if SIZES.search(key) and value >= 8:
        return rng.choice([value * 2, value * 2, value * 3, value // 2 if value % 2 == 0 else value, value + 8, None, None, None])
    if "position" in key and value > 8:
        return value + rng.randint(1, 30)
    if value > 1:
        return rng.choice([value + 1, value * 2, max(1, value - 1)]) if rng.random() < 0.3 else None
    return None


def drawn_changes(full, rng):
    out = {}
    for path, value in leaves(full):
        if NOT_SIZES.search(path[-1]):
            continue
        if isinstance(value, bool):
            if rng.random() < 0.15:
                out[path] = not value
        elif isinstance(value, int):
            other = changed_size(path[-1], value, rng)
            if other is not None:
                out[path] = other
    if rng.random() < 0.8:
        out[("num_labels",)] = rng.randint(1, 9)
    return out


def fewer_layers(full):
    return {path: 3 for path, value in leaves(full) if isinstance(value, int) and not isinstance(value, bool) and value > 3 and LAYERS.search(path[-1]) and not NOT_SIZES.search(path[-1])}


def flips(full, base):
    """Every field that the layout may hang on, one at a time: switches, sizes that are not given, lists of sizes."""
    for path, value in leaves(full):
        if isinstance(value, bool):
            if not re.search(r"^(output_|return_|use_cache)", path[-1]):
                yield {**base, path: not base.get(path, value)}
        elif NOT_SIZES.search(path[-1]):
            continue
        elif value is None and (SIZES.search(path[-1]) or HEADS.search(path[-1]) or LAYERS.search(path[-1])):
            yield {**base, path: 8}
        elif isinstance(value, int) and value in (0, 1):
            yield {**base, path: value + 1}  # every how many layers, how many more
        elif not value and WHICH_LAYERS.search(path[-1]):
            yield {**base, path: [0]}
        elif isinstance(value, list) and len(value) > 1 and path[-1] not in DERIVED_LISTS and all(isinstance(item, int) for item in value):
            yield {**base, path: value[:-1]}
            yield {**base, path: [value[0] + 1, *value[1:]]}


def without_derived_lists(config):
    return {key: without_derived_lists(value) if isinstance(value, dict) and key != "id2label" else value for key, value in config.items()
            if key not in DERIVED_LISTS and not key.endswith(("layer_types", "block_type"))}


def config_with(model_type, full, changes, whole):
    """The changes on top of the whole config, or alone, so that defaults must be filled in."""
    out = {**(without_derived_lists(copy.deepcopy(full)) if whole else {}), "model_type": model_type}
    for path, value in changes.items():
        if path == ("num_labels",):
            out["id2label"] = {str(i): f"L{i}" for i in range(value)}
            out["label2id"] = {f"L{i}": i for i in range(value)}
            continue
        owner, default = out, full
        for key in path[:-1]:
            owner, default = owner.setdefault(key, {}), default.get(key, {})
            if default.get("model_type"):
                owner.setdefault("model_type", default["model_type"])
        owner[path[-1]] = value
    return out


def describe(model):
    state = model.state_dict()
    buffers = dict(model.named_buffers(remove_duplicate=False))
    return {
        "keys": {name: list(tensor.shape) for name, tensor in state.items()},
        "dtypes": {name: str(tensor.dtype).removeprefix("torch.") for name, tensor in state.items() if tensor.dtype != torch.float32},
        "buffers": sorted(name for name in state if name in buffers),
        "nonpersistent": {name: list(buffer.shape) for name, buffer in buffers.items() if name not in state},
        "tied": dict(getattr(model, "all_tied_weights_keys", None) or {}),
        "ignore_missing": sorted(getattr(model, "_keys_to_ignore_on_load_missing", None) or []),
        "ignore_unexpected": sorted(getattr(model, "_keys_to_ignore_on_load_unexpected", None) or []),
        "base_model_prefix": model.base_model_prefix,
        "tree": [[name, type(module).__name__, getattr(module.config, "model_type", None)] for name, module in model.named_modules() if isinstance(module, transformers.PreTrainedModel)],
    }


def built(class_name, config):
    signal.setitimer(signal.ITIMER_PROF, SECONDS_PER_MODEL)
    try:
        parsed = CONFIG_MAPPING[config["model_type"]].from_dict(copy.deepcopy(config))
        with torch.device("meta"), initialization.no_init_weights():
            return describe(getattr(transformers, class_name)(parsed))
    except Exception:  # the library refuses a config in many ways; a probe that it refuses says nothing
        return None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def first_that_builds(classes, model_type, full):
    for class_name in sorted(classes, key=lambda name: (not name.endswith("Model"), name)):
        for changes, whole in itertools.product((fewer_layers(full), {}), (True, False)):
            if built(class_name, config_with(model_type, full, changes, whole)):
                return class_name, changes
    return None, {}


def drawn(model_type, full, witness, shrunk, draws, rng):
    """Configs, with their changes, that the witness class can be built from; what it refuses is thinned out."""
    out = []
    for number in range(3 * draws):
        if len(out) == draws:
            break
        changes = {**shrunk, **drawn_changes(full, rng)}
        for attempt in range(8):
            config = json.loads(json.dumps(config_with(model_type, full, changes, number % 2 == 1), default=str))
            if built(witness, config):
                out.append((config, changes))
                break
            kept = {path: value for path, value in changes.items() if path not in shrunk and not (attempt == 0 and isinstance(value, bool))}
            names = sorted(kept)
            rng.shuffle(names)
            changes = {**shrunk, **{path: kept[path] for path in names[:len(names) if attempt == 0 else 2 * len(names) // 3]}}
    return out


def probe(model_type, classes, seed, draws):
    full = json.loads(json.dumps(CONFIG_MAPPING[model_type]().to_dict(), default=str))
    witness, shrunk = first_that_builds(classes, model_type, full)
    if not witness:
        return None
    draws_made = drawn(model_type, full, witness, shrunk, draws, random.Random(f"{seed}:{model_type}"))
    # The first seed flips fields of the defaults, the others those of a drawn config.
    base = shrunk if seed == 1 or not draws_made else draws_made[0][1]
    configs = [config for config, _ in draws_made] + [json.loads(json.dumps(config_with(model_type, full, changes, False), default=str)) for changes in flips(full, base)]
    return {"model_type": model_type, "seed": seed, "configs": configs, "classes": {class_name: [built(class_name, config) for config in configs] for class_name in sorted(classes)}}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("types", nargs="*")
    parser.add_argument("--out", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--draws", type=int, default=8)
    options = parser.parse_args()
    signal.signal(signal.SIGPROF, too_slow)
    os.makedirs(options.out, exist_ok=True)
    known = classes_of_types()
    for model_type in options.types or sorted(known):
        path = os.path.join(options.out, model_type + ".jsonl.gz")
        if os.path.exists(path):
            continue
        try:
            answer = probe(model_type, known[model_type], options.seed, options.draws)
        except Exception as error:  # a type whose config has no defaults, or that needs a library that is absent
            print(f"{model_type}: {type(error).__name__}", file=sys.stderr)
            continue
        if answer:
            with gzip.open(path, "wt", encoding="utf-8") as out:
                out.write(json.dumps(answer) + "\n")
            print(f"{model_type}: {len(answer['configs'])} configs", flush=True)


if __name__ == "__main__":
    main()
