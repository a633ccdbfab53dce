# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes specifications from derived lines and from probes: python specify.py --lines FOLDER --auto auto.json --renames FILE --out FOLDER PROBES...

FOLDER holds, per model type, the tensor lines that were derived from the library (see README.md); PROBES say what else a class has: ties,
buffers, dtypes, ignore lists, prefix. What the probes contradict, or what cannot be fitted to them, is left out, class by class."""
import argparse
import collections
import gzip
import json
import os
import re

from fit import Fit, Unfit, name_pattern
from merge_lines import merged
from resolve import Proposals, Unresolved, evaluated

DTYPES = {"int64": "I64", "int32": "I32", "int16": "I16", "int8": "I8", "uint8": "U8", "bool": "BOOL", "complex64": "C64"}
FLOATS = {"float16", "bfloat16", "float64"}


def text_of(line):
    return json.dumps(line)


def converted(line):
    """A derived line as the specification has it."""
    name, shape = line[0], line[1]
    options = dict(line[2]) if len(line) > 2 else {}
    if isinstance(shape, dict):
        if any(key.startswith("kw:") for key in shape.get("set", {})):
            raise Unfit("constructor arguments of a model inside")
        shape = {"model": shape["config"], "as": shape["ref"], **{key: shape[key] for key in ("set", "frozen_batch_norm") if shape.get(key)}}
    return [name, shape, options] if options else [name, shape]


def with_option(line, key, value):
    return [line[0], line[1], {**(line[2] if len(line) > 2 else {}), key: value}]


def constant(cases, field, fallback):
    values = {json.dumps(case.get(field, fallback), sort_keys=True) for _, case in cases}
    if len(values) != 1:
        raise Unfit(f"{field} depends on the config")
    return json.loads(values.pop())


def with_kinds(lines, cases):
    """Marks buffers and dtypes on the lines, and refuses what a line would have to be in one case and not in another."""
    buffers, dtypes = collections.Counter(), {}
    for _, case in cases:
        buffers.update(case.get("buffers", []))
        dtypes.update(case.get("dtypes", {}))
    if not buffers and not dtypes:
        return lines
    out = []
    for line in lines:
        if isinstance(line[1], dict):
            out.append(line)
            continue
        pattern = name_pattern(line[0])
        kind = (line[2] if len(line) > 2 else {}).get("buffer")
        if kind is None and any(pattern.match(name) for name in buffers):
            line = with_option(line, "buffer", "persistent")
        found = {dtypes[name] for name in dtypes if pattern.match(name)} - FLOATS
        if len(found) == 1 and found <= set(DTYPES):
            line = with_option(line, "dtype", DTYPES[found.pop()])
        out.append(line)
    return out


def loose(line):
    """Whether the order does not matter: no file holds this buffer."""
    return (line[2] if len(line) > 2 else {}).get("buffer") == "nonpersistent"


def packed(classes, base):
    """Heads as their base under a prefix, less a few lines, plus their own."""
    order = sorted(classes, key=lambda name: (name != base, len(classes[name])))
    out = {}
    for class_name in order:
        lines = classes[class_name]
        best = (2, lines)
        for other in out:
            for prefix in {line[0][:-len(classes[other][0][0])] for line in lines if classes[other] and line[0].endswith(classes[other][0][0])}:
                best = max(best, with_use(lines, other, prefix, classes[other]), key=lambda found: found[0])
        out[class_name] = best[1]
    return out


def with_use(lines, other, prefix, used):
    """How many lines another class brings under a prefix, and the lines with it in their place; none unless the order stays."""
    texts = [text_of(line) for line in lines]
    places = {text: place for place, text in enumerate(text for text, line in zip(texts, lines) if not loose(line))}
    brought = [text_of([prefix + line[0], *line[1:]]) for line in used]
    found = [text for text in brought if text in set(texts)]
    firm = [places[text] for text in found if text in places]
    left_out = list(dict.fromkeys(line[0] for line, text in zip(used, brought) if text not in found))
    if (not firm or firm != list(range(firm[0], firm[0] + len(firm))) or len(left_out) > 4 or len(set(texts)) != len(texts)
            or {prefix + name for name in left_out} & {json.loads(text)[0] for text in found}):  # fmt: skip
        return 0, lines
    use = {"use": other, "prefix": prefix, **({"without": left_out} if left_out else {})}
    start = texts.index(next(text for text in found if text in places))
    rest = lambda part: [line for line in part if text_of(line) not in found]  # noqa: E731
    return len(found), [*rest(lines[:start]), use, *rest(lines[start:])]


def words_in(value):
    if isinstance(value, str):
        return set(re.findall(r"[A-Za-z_]\w*", value))
    if isinstance(value, dict):
        return set().union(*[words_in(item) for item in [*value.values(), *value.keys()]], set())
    if isinstance(value, list):
        return set().union(*[words_in(item) for item in value], set())
    return set()


def config_part(derived, used):
    """A config's description, without the fields that no expression reads."""
    aliases = derived.get("alias", {})
    used = used | {field for alias, field in aliases.items() if alias in used} | words_in(derived.get("derived", {}))
    out = {"fields": {field: value for field, value in derived["fields"].items() if field in used or aliases.get(field) in used}}
    if aliases:
        out["alias"] = {alias: field for alias, field in aliases.items() if field in used}
    if derived.get("sub"):
        out["sub"] = {}
        for field, (name, model_type, default, optional, *more) in derived["sub"].items():
            merge, flat, instead = (*more, None, None, None)[:3]
            rules = {"config": name, "model_type": model_type, "default": default, "optional": optional, "merge": merge, "flat": flat, "instead": instead}
            out["sub"][field] = {key: value for key, value in rules.items() if value not in (None, {}, False)}
    for key in ("derived", "failed", "model_type"):
        if derived.get(key):
            out[key] = dict(derived[key]) if key == "derived" else derived[key]
    # Another default number of labels than 2: the program counts id2label itself.
    labels = re.fullmatch(r"get\('num_labels', (\d+)\) if \(id2label is None\) else num_labels", out.get("derived", {}).get("num_labels", ""))
    if labels:
        out["fields"]["num_labels"] = int(labels[1])
        del out["derived"]["num_labels"]
    return out


STEPS = {"MergeModulelist": lambda op: ["stack", op["dim"]], "Concatenate": lambda op: ["concatenate", op["dim"]], "Chunk": lambda op: ["chunk", op["dim"]],
         "Transpose": lambda op: ["transpose", op["dim0"], op["dim1"], *(["if needed"] if op["check_dims"] else [])],
         "Interleave": lambda op: ["permute"], "PermuteForRope": lambda op: ["permute"]}  # fmt: skip


def conversion_of(entry, scope):
    """A conversion of the loader as the specification has it; unfit if it needs an operation that shapes alone do not tell."""
    steps = []
    for op in entry["ops"]:
        if op["op"] not in STEPS or op.get("num_shards_attribute"):
            raise UnknownLoading(f"the conversion {op['op']}")
        steps.append(STEPS[op["op"]](op))
    return {"from": entry["re"], "to": entry["dst"], "do": steps, **({"in": scope} if scope is not None else {})}


class UnknownLoading(Exception):
    """The loader does something with keys that a specification cannot say."""


def loading_of(trees, prefix, mapping):
    """What the loader renames and converts for a class, from the models inside it, or what of it cannot be said."""
    fullest = max(trees, key=lambda tree: len(list(mapped(tree, mapping))))
    wanted = list(mapped(fullest, mapping))
    for tree in trees:
        found = list(mapped(tree, mapping))
        # A model that is not always there does no harm: what it brings is for keys under its name alone.
        if found != [part for part in wanted if part in found] or any(not part[0] for part in wanted if part not in found):
            raise Unfit("the models inside depend on the config")
    try:
        return *mappings_of(fullest, prefix, mapping), ""
    except UnknownLoading as reason:
        return [], [], str(reason)


def mappings_of(tree, prefix, mapping):
    renames, conversions = [], []
    for name, entries in mapped(tree, mapping):
        # Inside another model only keys under its name are looked at, and that name stays.
        scope = name.removeprefix(prefix).removeprefix(".") if name else None
        for entry in entries:
            if entry["k"] == "WeightConverter":
                conversions.append(conversion_of(entry, scope))
            elif entry["k"] in ("WeightRenaming", "PrefixChange"):
                renames.append([entry["re"], entry["dst"][0], *([scope] if scope is not None else [])])
            else:
                raise UnknownLoading(f"the rename {entry['k']}")
    return renames, conversions


def mapped(tree, mapping):
    """The models inside a model that bring a mapping of their own, with it."""
    claimed = {}
    for name, class_name, model_type in tree:
        inside = lambda key: any(outer == "" or name.startswith(outer + ".") for outer in claimed.get(key, []))  # noqa: E731
        if inside(class_name):
            continue
        entries, key = mapping.get(class_name), class_name
        if entries is None and model_type and not inside(model_type):
            entries, key = mapping.get(model_type), model_type
        if entries is None:
            continue
        yield name, entries
        claimed.setdefault(class_name, []).append(name)
        if key == model_type:
            claimed.setdefault(model_type, []).append(name)


def read_probes(paths):
    cases, trees = collections.defaultdict(list), collections.defaultdict(list)
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                for class_name, answers in row["classes"].items():
                    for config, case in zip(row["configs"], answers) if "configs" in row else [(row["config"], answers)]:
                        if case is not None:
                            cases[row["model_type"], class_name].append((config, case))
                            if "tree" in case:
                                trees[row["model_type"], class_name].append(case["tree"])
    return cases, trees


def fields_of(cases, resolve):
    """The fields of the resolved config with their values in each case; those that are there in all of them."""
    out = collections.defaultdict(list)
    for config, _ in cases:
        for path, value in resolve(config).paths():
            out[path].append(value)
    return {path: values for path, values in out.items() if len(values) == len(cases)}


def specify(derived, cases, trees, auto, mapping, evaluate, resolve, allowed, report):
    model_type = derived["model_type"]
    main = derived["configs"][derived["config"]]
    lines, extras = {}, {}
    for class_name, parts in derived["classes"].items():
        known = cases.get((model_type, class_name), [])
        if allowed is not None and (model_type, class_name) not in allowed:
            continue
        try:
            if not known:
                raise Unfit("no probe")
            own = with_kinds(merged([converted(line) for line in parts["lines"]]), known)
            fit = Fit(known, own, evaluate, fields_of(known, resolve))
            own += fit.buffers()
            prefix = constant(known, "base_model_prefix", "")
            if not trees.get((model_type, class_name)):
                raise Unfit("no probe of the models inside")
            renames, conversions, unknown_loading = loading_of(trees[model_type, class_name], prefix, mapping)
            extra = {"base_model_prefix": prefix, "tied": parts["tied"] if "tied" in parts else fit.ties(), "ignore_missing": constant(known, "ignore_missing", []),
                     "ignore_unexpected": constant(known, "ignore_unexpected", []), "refuse": parts.get("refuse", []),
                     "renames": renames, "conversions": conversions, "unknown_loading": unknown_loading}
        except (Unfit, Unresolved) as reason:
            report(model_type, class_name, str(reason))
            continue
        lines[class_name], extras[class_name] = own, extra
    if not lines:
        return None
    autos = {name: classes[model_type] for name, classes in auto["models"].items() if isinstance(classes.get(model_type), str) and classes[model_type] in lines}
    base = autos.get("AutoModel") or next(iter(lines))
    prefixes = collections.Counter(extra["base_model_prefix"] for extra in extras.values())
    out = {"model_type": model_type, "base_model_prefix": prefixes.most_common(1)[0][0], "base_class": base, "auto": autos}
    # What all classes share is written once.
    varied = []
    for key in ("renames", "conversions"):
        seen = {json.dumps(extra[key]) for extra in extras.values()}
        if len(seen) > 1:
            varied.append(key)
        elif seen != {"[]"}:
            out[key] = json.loads(seen.pop())
    main["fields"].setdefault("tie_word_embeddings", False)
    used = words_in([*lines.values()]) | words_in([extra["tied"] + extra["refuse"] for extra in extras.values()])
    for part in derived["configs"].values():
        used |= words_in(part.get("derived", {})) | words_in([*part.get("alias", {}).values()])
    out["config"] = config_part(main, used)
    others = {name: config_part(part, used) for name, part in derived["configs"].items() if name != derived["config"]}
    if others:
        out["configs"] = others
    bodies = packed(lines, base)
    out["classes"] = {}
    for class_name, body in bodies.items():
        extra = extras[class_name]
        entry = {}
        if extra["base_model_prefix"] != out["base_model_prefix"]:
            entry["base_model_prefix"] = extra["base_model_prefix"]
        if not fits_what_it_uses(body, extra, extras):
            body = lines[class_name]
        for key in ("refuse", "tied", "ignore_missing", "ignore_unexpected"):
            brought = inherited(key, body, extras) if key in ("refuse", "tied") else []
            own = [item for item in extra[key] if item not in brought]
            if own:
                entry[key] = own
        for key in varied:
            entry[key] = extra[key]
        if extra["unknown_loading"]:
            entry["unknown_loading"] = extra["unknown_loading"]
        entry["lines"] = body
        out["classes"][class_name] = entry
    return out


def inherited(key, body, extras):
    """What the classes that are used bring with them: refusals as they are, ties under the prefix."""
    out = []
    for line in body:
        if isinstance(line, dict):
            for item in extras[line["use"]][key]:
                out.append([line["prefix"] + item[0], line["prefix"] + item[1], *item[2:]] if key == "tied" else item)
    return out


def fits_what_it_uses(body, extra, extras):
    return all(item in extra[key] for key in ("refuse", "tied") for item in inherited(key, body, extras))


def written(spec):
    """One line per tensor template."""
    dump = lambda value: json.dumps(value, ensure_ascii=False)  # noqa: E731
    parts = []
    for class_name, entry in spec["classes"].items():
        head = "".join(f"    {dump(key)}: {dump(value)},\n" for key, value in entry.items() if key != "lines")
        body = ",\n".join("    " + dump(line) for line in entry["lines"])
        parts.append(f"  {dump(class_name)}: {{\n{head}    \"lines\": [\n{body}]}}")
    top = ",\n ".join(f"{dump(key)}: {dump(value)}" for key, value in spec.items() if key != "classes" and value not in ({}, []))
    return "{" + top + ",\n \"classes\": {\n" + ",\n".join(parts) + "}}\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("probes", nargs="+")
    parser.add_argument("--lines", required=True)
    parser.add_argument("--auto", required=True)
    parser.add_argument("--renames", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--only", help="what gate.py wrote: the classes that are exact")
    options = parser.parse_args()
    allowed = None
    if options.only:
        with open(options.only, encoding="utf-8") as file:
            allowed = {tuple(pair) for pair in json.load(file)}
    with open(options.auto, encoding="utf-8") as file:
        auto = json.load(file)
    with open(options.renames, encoding="utf-8") as file:
        mapping = json.load(file)
    library = Proposals(options.lines, auto)
    resolved = {}

    def names_of(config):
        if id(config) not in resolved:
            resolved[id(config)] = library.resolve(config)
        return resolved[id(config)]

    def evaluate(config, expression, indices):
        """A value of the resolved config, or None."""
        try:
            return evaluated(expression, names_of(config), indices)
        except Exception:  # a field that this config has not
            return None

    cases, trees = read_probes(options.probes)
    os.makedirs(options.out, exist_ok=True)
    reasons = collections.Counter()

    def report(model_type, class_name, reason):
        reasons[re.sub(r" \S*\..*| the buffer .*", "", reason)] += 1
        print(f"{model_type} {class_name}: {reason}")

    for file_name in sorted(os.listdir(options.lines)):
        if not any(model_type == file_name[:-5] for model_type, _ in cases):
            continue
        with open(os.path.join(options.lines, file_name), encoding="utf-8") as file:
            derived = json.load(file)
        if not derived["classes"] or "configs" not in derived:
            continue
        spec = specify(derived, cases, trees, auto, mapping, evaluate, names_of, allowed, report)
        if spec:
            with open(os.path.join(options.out, file_name), "w", encoding="utf-8") as file:
                file.write(written(spec))
    print(reasons.most_common())


if __name__ == "__main__":
    main()
