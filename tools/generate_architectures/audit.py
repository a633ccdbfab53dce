# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes each field that a specification reads, one at a time: python audit.py --cli weighbridge-cli --specs FOLDER [MODEL_TYPE...]

Draws rarely move a token id, a probability, one item of a list or a count of one; a size that only happens to equal such a field is right
until somebody's config has another. For each class the library and the program are asked with every such change that the library takes.
Prints what differs, and one line per type; exit status 1 if anything does. Offline."""
import argparse
import json
import os
import re
import signal
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import probe  # noqa: E402
import score_archspec  # noqa: E402
from transformers.models.auto.configuration_auto import CONFIG_MAPPING  # noqa: E402

NOT_FIELDS = {"model_type", "id2label", "label2id"}
LAYER_KINDS = {"full_attention", "sliding_attention", "linear_attention", "chunked_attention", "dense", "sparse"}
ROTARY_SHARE = 0.75


def words(value):
    """The names that the expressions of a part of a specification read."""
    if isinstance(value, str):
        return set(re.findall(r"[A-Za-z_]\w*", value))
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return set().union(*map(words, items), set())


def is_list_of(value, kind):
    return isinstance(value, list) and bool(value) and all(isinstance(item, kind) and not isinstance(item, bool) for item in value)


def with_item(value, place, item):
    return [*value[:place], item, *value[place + 1 :]]


def other_values(value, texts):
    """Groups of values to try: the first of a group that the library takes is enough. `texts`: what a field may be compared with."""
    if isinstance(value, bool):
        return [[not value]]
    if isinstance(value, int):
        return [[value + 1, value * 2, value - 1, value + 8]] if value else [[1, 2]]
    if isinstance(value, float):
        return [[0.0], [value * 2, value + 1.0]] if value else [[0.5]]
    if value is None:
        return [[8, 4, 64]]
    if is_list_of(value, str):
        return [[with_item(value, place, text)] for place in sorted({0, len(value) - 1}) for text in sorted(texts) if text != value[place]]
    if not is_list_of(value, int):
        return []
    changed = [[with_item(value, place, item) for item in (value[place] + 1, value[place] * 2, max(1, value[place] - 1))] for place in sorted({0, len(value) // 2, len(value) - 1})]
    return [[value[:-1]], [[*value, value[-1]]], *changed]


def in_few_layers(path, value, shrunk):
    """A list with an item for each layer, as long as there are layers."""
    layers = shrunk.get((*path[:-1], "num_hidden_layers"))
    return value[:layers] if layers and is_list_of(value, str) else value


def rotary_shares(full):
    """Paths of shares that the defaults do not name: a rotary embedding of a part of a head only."""
    paths = {path for path, _ in probe.leaves(full)}
    return sorted({(*path[:-1], "partial_rotary_factor") for path in paths if "rope_parameters" in path[:-1]} - paths)


def changes(spec, class_name, is_base, full, shrunk):
    entry = spec["classes"][class_name]
    read = words([line for line in entry["lines"] if isinstance(line, list)]) | words([entry.get("tied", []), entry.get("refuse", [])])
    if is_base:
        read |= words([spec["config"].get("derived", {}), [part.get("derived", {}) for part in spec.get("configs", {}).values()]])
        for path in rotary_shares(full):
            yield path, [{**shrunk, path: ROTARY_SHARE}]
    read |= {alias for alias, field in spec["config"].get("alias", {}).items() if field in read}
    texts = LAYER_KINDS | set(re.findall(r"'(\w+)'", json.dumps(spec)))
    for path, value in probe.leaves(full):
        name = path[-1]
        if name not in NOT_FIELDS and (name in read or name == "num_hidden_layers" or is_base and "prob" in name):
            for group in other_values(in_few_layers(path, shrunk.get(path, value), shrunk), texts):
                yield path, [{**shrunk, path: other} for other in group]


def audit(cli, folder, model_type, spec):
    full = json.loads(json.dumps(CONFIG_MAPPING[model_type]().to_dict(), default=str))
    classes = [name for name in spec["classes"] if not name.startswith(".")]
    base, shrunk = probe.first_that_builds(classes, model_type, full)
    asked = wrong = 0
    for class_name in classes if base else ():
        for path, tries in changes(spec, class_name, class_name == base, full, shrunk):
            for change in tries:
                config = json.loads(json.dumps(probe.config_with(model_type, full, change, False), default=str))
                case = probe.built(class_name, config)
                if case is None:
                    continue
                outcome, why = score_archspec.score(cli, folder, "audit", config, class_name, case, True)
                asked += 1
                if outcome in ("wrong", "error"):
                    wrong += 1
                    print(f"{model_type} {class_name}: {'.'.join(path)} = {change[path]}: {why}", flush=True)
                break
    print(f"{model_type}: {asked} asked, {wrong} differ", flush=True)
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("types", nargs="*")
    parser.add_argument("--cli", required=True)
    parser.add_argument("--specs", required=True, help="folder that holds architectures/")
    options = parser.parse_args()
    os.environ["WEIGHBRIDGE_RESOURCES"] = options.specs
    signal.signal(signal.SIGPROF, probe.too_slow)
    architectures = os.path.join(options.specs, "architectures")
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for model_type in options.types or sorted(name[:-5] for name in os.listdir(architectures) if not name.startswith("gguf-")):
            with open(os.path.join(architectures, model_type + ".json"), encoding="utf-8") as file:
                spec = json.load(file)
            try:
                wrong += audit(options.cli, folder, model_type, spec)
            except Exception as error:  # a config class without defaults
                print(f"{model_type}: {type(error).__name__}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
