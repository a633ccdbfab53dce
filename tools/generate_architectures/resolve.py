# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a config stands for, as the program's core/architecture/resolved_config.cpp computes it: defaults, sub-configs, derived values; and the
values of expressions over it."""
import collections
import functools
import json
import math
import os


class Unresolved(Exception):
    """What a config stands for cannot be said."""


class Bad:
    """A derived value that cannot be computed: an error only where it is needed."""


class Fields(dict):
    """A resolved config whose fields are also attributes."""

    def __getattr__(self, name):
        value = self[name]
        if isinstance(value, Bad):
            raise KeyError(name)
        return value

    def __missing__(self, key):
        raise KeyError(key)

    def at(self, path):
        value = self
        for key in path.split("."):
            value = getattr(value, key) if isinstance(value, Fields) else value[key]
        return value

    def has(self, path):
        try:
            self.at(path)
        except (KeyError, TypeError, AttributeError):
            return False
        return True

    def paths(self, prefix=""):
        for key, value in self.items():
            if isinstance(value, Fields):
                yield from value.paths(f"{prefix}{key}.")
            elif key.isidentifier() and isinstance(value, (bool, int, float, str, list, tuple, type(None))):
                yield prefix + key, list(value) if isinstance(value, tuple) else value


def is_number(value):
    return isinstance(value, (int, float))


def out_features(stages, features, indices):
    return [stages[-1]] if features is None and indices is None else list(features) if features is not None else [stages[i] for i in indices]


def out_indices(stages, features, indices):
    return [len(stages) - 1] if features is None and indices is None else list(indices) if indices is not None else [stages.index(name) for name in features]


def divisible(value, divisor, least=None):
    """As mobile networks round their channels."""
    nearest = max(divisor if least is None else least, int(value + divisor / 2) // divisor * divisor)
    return nearest + divisor if nearest < 0.9 * value else nearest


def tuple_if_list(value):
    return tuple(value) if isinstance(value, list) else value


# The functions of the program's expressions.
FUNCTIONS = {
    **{function.__name__: function for function in (min, max, round, int, float, len, abs, sum, any, all, sorted, bool, str, range)},
    **{function.__name__: function for function in (math.ceil, math.floor, math.sqrt, math.log, math.log2, math.prod, divisible, out_features, out_indices)},
    "values": lambda items: list(items.values()),
    "reversed": lambda values: list(values)[::-1],
    "roundup": lambda value, multiple: -(-value // multiple) * multiple,
    "isint": lambda value: isinstance(value, int),
    "isnum": is_number,
    "isbool": lambda value: isinstance(value, bool),
    "isstr": lambda value: isinstance(value, str),
    "islist": lambda value: isinstance(value, (list, tuple)),
    "isdict": lambda value: isinstance(value, dict),
    "split": lambda text, *separator: text.split(*separator),
    "startswith": lambda text, start: text.startswith(tuple_if_list(start)),
    "endswith": lambda text, end: text.endswith(tuple_if_list(end)),
    "lower": str.lower,
    "upper": str.upper,
    "replace": str.replace,
    "strip": lambda text, *characters: text.strip(*characters),
    "index": lambda values, item: values.index(item),
    "count": lambda values, item: values.count(item),
}  # fmt: skip


@functools.lru_cache(maxsize=None)
def compiled(expression):
    return compile(expression, expression, "eval")


def evaluated(expression, fields, indices, given=None):
    """A value of the resolved config `fields`; with `given`, what a config's own derived values see."""

    def get(path, *rest):
        if not isinstance(path, str):
            return (path or {}).get(*rest)
        if given is not None and path == "num_labels":
            return given.get("num_labels", *rest)
        return fields.at(path) if fields.has(path) else rest[0]

    known = {"__builtins__": {}, **FUNCTIONS, "has": fields.has, "get": get, "null": None, "true": True, "false": False}
    return eval(compiled(str(expression)), {**known, **indices}, fields)  # noqa: S307, the expressions are ours


class Proposals:
    """A folder of tensor lines and config descriptions, one file per model type."""

    def __init__(self, folder, auto):
        self.folder = folder
        self.auto = auto
        self.files = {}

    def file(self, model_type):
        if model_type not in self.files:
            path = os.path.join(self.folder, f"{model_type}.json")
            if not model_type or not os.path.exists(path):
                raise Unresolved(f"no description of {model_type}")
            with open(path, encoding="utf-8") as file:
                self.files[model_type] = json.load(file)
        return self.files[model_type]

    def resolve(self, config, with_derived=True):
        """The whole config of a model."""
        file = self.file(config["model_type"])
        out = self._resolve(file, file["config"], {key: value for key, value in config.items() if key != "model_type"}, with_derived)
        out["model_type"] = config["model_type"]
        return out

    def _resolve(self, file, name, given, with_derived):
        description = file["configs"][name]
        if "failed" in description:
            raise Unresolved(f"the config: {description['failed']}")
        alias = description.get("alias", {})
        out = Fields({alias.get(field, field): given.get(field, default) for field, default in description["fields"].items()})
        out.update({alias.get(field, field): value for field, value in given.items() if field not in description["fields"]})
        labels = out.setdefault("id2label", None)
        if "num_labels" not in description["fields"]:
            out["num_labels"] = len(labels) if labels is not None else given.get("num_labels") or 2
        for field, rules in description.get("sub", {}).items():
            value = out.get(field)
            if len(rules) > 6 and given.get(rules[6]) is not None:
                value = given[rules[6]]
            if value is None and len(rules) > 5 and rules[5]:
                value = {key: item for key, item in given.items() if key not in description["fields"] and key not in description["sub"]}
            out[field] = self._resolve_part(file, field, rules[:5], value, with_derived)
        self._derive(description, given, out, with_derived)
        out.update({other: out[field] for other, field in alias.items() if field in out})
        if out.get("model_type") is None and description.get("model_type"):
            out["model_type"] = description["model_type"]
        return out

    def _resolve_part(self, file, field, rules, value, with_derived):
        name, model_type, default, optional, *merged = rules
        merged = [part for part in merged if part]
        if value is None and optional:
            return None
        value = dict(default if value is None else value)
        if merged and (not value.get("model_type") or value["model_type"] == (merged[0].get("model_type") or model_type)):
            value = {**merged[0], **value}
        model_type = value.get("model_type") or model_type
        if name == "auto" or field == "backbone_config" and value.get("model_type"):
            other = self.file(model_type)
            out = self._resolve(other, other["config"], value, with_derived)
        else:
            out = self._resolve(file, name, value, with_derived)
        out["model_type"] = model_type
        return out

    @staticmethod
    def _derive(description, given, out, with_derived):
        raw = Fields(out)
        for path, expression in (description.get("derived", {}) if with_derived else {}).items():
            try:
                value = evaluated(expression, raw, {}, given)
            except Exception:  # something that this config has not
                value = Bad()
            *owners, field = path.split(".")
            owner = out
            for name in owners:
                owner = owner[name]
            if owner is not None:
                owner[field] = value


def nested(fields):
    """Fields by path as a resolved config."""
    root = Fields()
    for path, value in fields.items():
        *owners, field = path.split(".")
        owner = root
        for name in owners:
            owner = owner.setdefault(name, Fields())
        owner[field] = value
    return root
