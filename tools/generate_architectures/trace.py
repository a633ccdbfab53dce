# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds a model of the library from a config whose values remember where they come from.

Whole numbers, switches, texts and lists of the config are replaced by subclasses that carry an expression. Sizes of the tensors then say how
they were computed, and every comparison that the constructors made is noted with its outcome."""
import copy
import math
import sys

import torch
from torch.overrides import TorchFunctionMode
from transformers import PreTrainedConfig, initialization
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

import transformers

# Fields that say nothing about tensors, or that the library looks up in tables of functions.
UNTRACED = ("id2label", "label2id", "architectures", "dtype", "torch_dtype", "transformers_version", "name_or_path", "problem_type")
decisions = {}


def note(expression, outcome):
    decisions.setdefault(expression, set()).add(bool(outcome))


def text_of(value):
    return getattr(value, "expression", None) or repr(value)


def is_traced(*values):
    return any(hasattr(value, "expression") for value in values)


class Whole(int):
    def __new__(cls, value, expression):
        out = int.__new__(cls, value)
        out.expression = expression
        return out

    def __bool__(self):
        note(self.expression, int(self) != 0)
        return int(self) != 0

    __hash__ = int.__hash__

    def __deepcopy__(self, memo):
        return self

    def __copy__(self):
        return self

    def __reduce__(self):
        return int, (int(self),)


class Switch(Whole):
    """A bool cannot be a base class; this one says when it is asked."""

    def __repr__(self):
        return repr(bool(int(self)))

    __str__ = __repr__

    def __eq__(self, other):
        return int(self) == other

    def __ne__(self, other):
        return int(self) != other

    __hash__ = int.__hash__


class Share(float):
    def __new__(cls, value, expression):
        out = float.__new__(cls, value)
        out.expression = expression
        return out

    def __bool__(self):
        note(self.expression, float(self) != 0)
        return float(self) != 0

    __hash__ = float.__hash__

    def __deepcopy__(self, memo):
        return self

    def __reduce__(self):
        return float, (float(self),)


class Word(str):
    def __new__(cls, value, expression):
        out = str.__new__(cls, value)
        out.expression = expression
        return out

    def __eq__(self, other):
        outcome = str.__eq__(self, other)
        if isinstance(other, str) and outcome is not NotImplemented:
            note(f"{self.expression} == {str(other)!r}", outcome)
        return outcome

    def __ne__(self, other):
        return not self == other

    __hash__ = str.__hash__

    def __deepcopy__(self, memo):
        return self

    def __reduce__(self):
        return str, (str(self),)


class Items(list):
    def __init__(self, values, expression):
        list.__init__(self, values)
        self.expression = expression

    def __contains__(self, item):
        outcome = any(plain(item) == plain(other) for other in self)
        note(f"{text_of(item) if is_traced(item) else repr(plain(item))} in {self.expression}", outcome)
        return outcome

    def __deepcopy__(self, memo):
        return Items(list(self), self.expression)

    def __reduce__(self):
        return list, ([plain(item) for item in self],)


def plain(value):
    if isinstance(value, Switch):
        return bool(int(value))
    for kind in (Whole, Share, Word):
        if isinstance(value, kind):
            return kind.__mro__[1](value)
    return value


def arithmetic(cls, base, name, sign, reflected):
    operate = getattr(base, name)

    def method(self, other):
        value = operate(self, other)
        if value is NotImplemented or not isinstance(value, (int, float)):
            return value
        left, right = (other, self) if reflected else (self, other)
        expression = f"({text_of(left)} {sign} {text_of(right)})"
        return Whole(value, expression) if isinstance(value, int) else Share(value, expression)

    setattr(cls, name, method)


def comparison(cls, base, name, sign):
    operate = getattr(base, name)

    def method(self, other):
        value = operate(self, other)
        if isinstance(value, bool) and isinstance(other, (int, float)):
            return Switch(value, f"({text_of(self)} {sign} {text_of(other)})")
        return value

    setattr(cls, name, method)


for traced, python in ((Whole, int), (Share, float)):
    for operator, symbol in {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**"}.items():
        arithmetic(traced, python, f"__{operator}__", symbol, False)
        arithmetic(traced, python, f"__r{operator}__", symbol, True)
    for operator, symbol in {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}.items():
        comparison(traced, python, f"__{operator}__", symbol)
    traced.__hash__ = python.__hash__


def is_config_value(value):
    return is_traced(value) and not isinstance(value, (str, list))


class TracedInt(type):
    """Stands for int in the library's modules, so that a conversion does not forget where a number comes from."""

    def __instancecheck__(cls, value):
        return isinstance(value, int)

    def __subclasscheck__(cls, other):
        return issubclass(other, int)

    def __call__(cls, value=0, *args):
        if isinstance(value, Share):
            return Whole(int(value), f"int({value.expression})")
        return value if isinstance(value, Whole) and not isinstance(value, Switch) else int(value, *args)

    def __eq__(cls, other):
        return other is int or other is cls

    __hash__ = type.__hash__


class traced_int(metaclass=TracedInt):
    pass


def traced_len(value):
    return Whole(len(value), f"len({value.expression})") if isinstance(value, Items) else len(value)


def traced_round(value, *digits):
    return Whole(round(float(value)), f"round({value.expression})") if isinstance(value, Share) and not digits else round(value, *digits)


def traced_sum(values, *start):
    return Whole(sum(values), f"sum({values.expression})") if isinstance(values, Items) else sum(values, *start)


def traced_extreme(function):
    def extreme(*values, **options):
        if len(values) == 1 and isinstance(values[0], Items) and not options and all(isinstance(value, int) for value in values[0]):
            return Whole(function(values[0]), f"{function.__name__}({values[0].expression})")
        if len(values) > 1 and not options and any(is_config_value(value) for value in values) and all(isinstance(value, (int, float)) for value in values):
            return Whole(function(map(plain, values)), f"{function.__name__}({', '.join(map(text_of, values))})") if all(isinstance(value, int) for value in values) else function(*values)
        return function(*values, **options)

    return extreme


def rounded_by(function, name):
    def round_to(value):
        return Whole(function(float(value)), f"{name}({value.expression})") if isinstance(value, Share) else value if isinstance(value, Whole) else function(value)

    return round_to


math.ceil = rounded_by(math.ceil, "ceil")
math.floor = rounded_by(math.floor, "floor")
STAND_INS = {"int": traced_int, "len": traced_len, "round": traced_round, "sum": traced_sum, "max": traced_extreme(max), "min": traced_extreme(min)}


def stand_in():
    """Lets the library's modules see the stand-ins; new ones may have been imported."""
    for name, module in list(sys.modules.items()):
        if name.startswith("transformers.models.") and "modeling" in name and "int" not in vars(module):
            vars(module).update(STAND_INS)


def wrapped(value, path):
    if isinstance(value, bool):
        return Switch(value, path)
    if isinstance(value, int):
        return Whole(value, path)
    if isinstance(value, float):
        return Share(value, path)
    if isinstance(value, str):
        return Word(value, path)
    if isinstance(value, (list, tuple)) and len(value) < 200:
        return Items([wrapped(item, f"{path}[{i}]") for i, item in enumerate(value)], path)
    return value


def trace_config(config, path=""):
    for key, value in list(vars(config).items()):
        if key in UNTRACED or key.startswith("_attn") or key.endswith(("_act", "activation", "_function", "activation_function")) or key == "model_type":
            continue
        if isinstance(value, PreTrainedConfig):
            trace_config(value, f"{path}{key}.")
        elif isinstance(value, (bool, int, float, str, list, tuple)) and key.isidentifier():
            vars(config)[key] = wrapped(value, path + key)


def values_of(config, path=""):
    """The resolved fields by path, sub-configs and their model types included."""
    out = {}
    for key, value in vars(config).items():
        if isinstance(value, PreTrainedConfig):
            out.update(values_of(value, f"{path}{key}."))
        elif isinstance(value, (bool, int, float, str, list, tuple, type(None))) and key.isidentifier():
            out[path + key] = list(value) if isinstance(value, tuple) else value
    out[path + "model_type"] = config.model_type
    out[path + "num_labels"] = config.num_labels
    return out


MAKERS = {getattr(torch, name) for name in ("empty", "zeros", "ones", "rand", "randn", "full")}


class NoteSizes(TorchFunctionMode):
    def __torch_function__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        if function in MAKERS and isinstance(out, torch.Tensor):
            sizes = (kwargs or {}).get("size", args)
            if len(sizes) > 0 and isinstance(sizes[0], (tuple, list)):
                sizes = sizes[0]
            out.sizes = [text_of(size) for size in sizes]
        return out


new_parameter = torch.nn.Parameter.__new__


def parameter_with_sizes(cls, data=None, requires_grad=True):
    out = new_parameter(cls, data, requires_grad)
    if hasattr(data, "sizes"):
        out.sizes = data.sizes
    return out


torch.nn.Parameter.__new__ = parameter_with_sizes


def traced(class_name, config):
    """What a class is built as: ({name: (shape, expressions)}, decisions, resolved fields)."""
    parsed = CONFIG_MAPPING[config["model_type"]].from_dict(copy.deepcopy(config))
    fields = values_of(parsed)
    trace_config(parsed)
    decisions.clear()
    with torch.device("meta"), initialization.no_init_weights(), NoteSizes():
        cls = getattr(transformers, class_name)
        stand_in()
        model = cls(parsed)
    out = {}
    for name, tensor in model.state_dict(keep_vars=True).items():
        sizes = getattr(tensor, "sizes", None)
        out[name] = (list(tensor.shape), sizes if sizes is not None and len(sizes) == tensor.dim() else None)
    return out, {key: set(value) for key, value in decisions.items()}, fields
