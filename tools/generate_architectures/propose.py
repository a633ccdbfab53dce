# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes proposals from the library: python propose.py --probes FOLDER --auto auto.json --out FOLDER [MODEL_TYPE...]

The config's description comes from the library's config classes, the tensors' lines from traced builds (derive.py) of the probes' configs, of
one seed, so that the probes of another can judge them."""
import argparse
import dataclasses
import gzip
import json
import os
import signal
import sys

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", TRANSFORMERS_VERBOSITY="critical")
import trace  # noqa: E402

from derive import Derivation, DerivedFields, fields_in  # noqa: E402
from fit import Unfit  # noqa: E402
from resolve import Proposals, Unresolved, evaluated, nested  # noqa: E402
from transformers import PreTrainedConfig  # noqa: E402
from transformers.models.auto.configuration_auto import CONFIG_MAPPING  # noqa: E402

SECONDS_PER_CLASS = 60
SAMPLES = 13


class TooSlow(Exception):
    pass


def too_slow(*_):
    raise TooSlow("too slow")


def default_of(field):
    value = field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default
    try:
        return json.loads(json.dumps(value))
    except TypeError:  # no value that a config can hold
        return None


def describe(config_class, configs):
    """Adds what the class says of its fields, and of those of its parts, to `configs`."""
    parts = getattr(config_class, "sub_configs_defaults", None) or {}
    entry = {"fields": {field.name: default_of(field) for field in dataclasses.fields(config_class) if field.name not in parts}}
    configs[config_class.__name__] = entry
    if config_class.attribute_map:
        entry["alias"] = dict(config_class.attribute_map)
    for name, part in parts.items():
        inner = part.config_class
        own = isinstance(inner, type) and issubclass(inner, PreTrainedConfig)
        if own and inner.__name__ not in configs:
            describe(inner, configs)
        entry.setdefault("sub", {})[name] = [inner.__name__ if own else "auto", part.model_type, part.init_kwargs or {}, bool(part.optional)]
    if config_class.model_type:
        entry["model_type"] = config_class.model_type


def description(model_type):
    """A proposal without classes yet."""
    configs = {}
    describe(CONFIG_MAPPING[model_type], configs)
    return {"model_type": model_type, "config": CONFIG_MAPPING[model_type].__name__, "configs": configs, "classes": {}}


class Described(Proposals):
    """Proposals that describe a model type inside another whose turn has not come yet."""

    def file(self, model_type):
        if model_type not in self.files and model_type in CONFIG_MAPPING:
            self.files[model_type] = description(model_type)
        return super().file(model_type)


def names(fields):
    tree = nested(fields)
    return lambda expression, indices: evaluated(expression, tree, indices)


def used_fields(lines, refusals):
    texts = [str(size) for line in lines for size in line[1]]
    texts += [str(value) for line in lines if len(line) > 2 for value in [*line[2].get("for", {}).values(), line[2].get("if", "True")]]
    return set().union(*map(fields_in, texts + refusals))


def propose(spec, class_name, configs, library):
    """Adds a class's lines, and what the config has to derive for them, to `spec`."""
    samples = [trace.traced(class_name, config) for config in configs]
    if len(samples) < 4:
        raise Unfit("too few probes")
    raw = [dict(library.resolve(config, with_derived=False).paths()) for config in configs]
    known = [key for key in samples[0][2] if all(key in fields for fields in raw)]
    samples = [(tensors, decisions, {key: fields[key] for key in known if key in fields}) for tensors, decisions, fields in samples]
    derivation = Derivation(samples, names)
    lines = derivation.run()
    refusals = derivation.refusals()
    derived = spec["configs"][spec["config"]].setdefault("derived", {})
    search = DerivedFields(raw, [fields for _, _, fields in samples], names)
    for field in sorted(used_fields(lines, refusals) & set(known)):
        expression = search.expression(field) if "." not in field and field != "num_labels" else None
        if expression is not None:
            derived.setdefault(field, expression)
    spec["classes"][class_name] = {"lines": lines, **({"refuse": refusals} if refusals else {})}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("types", nargs="*")
    parser.add_argument("--probes", required=True)
    parser.add_argument("--auto", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    signal.signal(signal.SIGPROF, too_slow)
    os.makedirs(options.out, exist_ok=True)
    with open(options.auto, encoding="utf-8") as file:
        library = Described(options.out, json.load(file))
    known = sorted(name.removesuffix(".jsonl.gz") for name in os.listdir(options.probes))
    for model_type in options.types or known:
        spec = library.files[model_type] = description(model_type)
        with gzip.open(os.path.join(options.probes, f"{model_type}.jsonl.gz"), "rt", encoding="utf-8") as lines:
            row = json.loads(lines.readline())
        for class_name, cases in row["classes"].items():
            signal.setitimer(signal.ITIMER_PROF, SECONDS_PER_CLASS)
            try:
                propose(spec, class_name, [config for config, case in zip(row["configs"], cases) if case is not None][:SAMPLES], library)
            except (Unfit, Unresolved, TooSlow) as reason:
                print(f"{model_type} {class_name}: {reason}", file=sys.stderr)
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
        with open(os.path.join(options.out, f"{model_type}.json"), "w", encoding="utf-8") as file:
            json.dump(spec, file)


if __name__ == "__main__":
    main()
