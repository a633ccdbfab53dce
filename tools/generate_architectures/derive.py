# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Derives a class's tensor lines from traced builds (trace.py): which names repeat, how large the tensors are, when they are there.

Nothing is taken for certain that the samples do not show: a comparison that the constructors make and that came out the same in every sample
becomes a refusal, so that a config which would decide otherwise is answered with "not known"."""
import ast
import collections
import functools
import itertools
import math
import re

from fit import Unfit, grouped

UNTRACED = ("transformers_version", "is_encoder_decoder", "num_labels", "problem_type", "model_type")

INDICES = "ijklmn"
HOLE = re.compile(r"(?<![\w.'])\d+(?![\w.'])")
FIELD = re.compile(r"(?<![\w.'])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
WORDS = {"in", "not", "and", "or", "if", "else", "for", "range", "len", "any", "is", "None", "True", "False", "int", "min", "max"}
# Fields of training and of numerics: their comparisons say nothing about tensors.
HARMLESS = re.compile(r"^_|[( ]_|output_|return_|use_cache|drop|eps\b|epsilon|_std|theta|scaling|scale_|temperature|init|token_id|_idx\b|layerdrop|prob\b|rope")


def fields_in(expression):
    return {name for name in FIELD.findall(re.sub(r"'[^']*'", "", expression)) if name not in WORDS and name not in INDICES}


@functools.lru_cache(maxsize=None)
def tidy(expression):
    return ast.unparse(ast.parse(expression, mode="eval"))


@functools.lru_cache(maxsize=None)
def indices_in(expression):
    return set(compile(expression, expression, "eval").co_names) & set(INDICES)


def tree_of(tensors):
    """The names of one sample as nested dicts; a leaf is (shape, expressions)."""
    root = {}
    for name, tensor in tensors.items():
        *parents, last = name.split(".")
        node = root
        for part in parents:
            node = node.setdefault(part, {})
        node[last] = tensor
    return root


def structure(node):
    return tuple((key, structure(child)) for key, child in node.items()) if isinstance(node, dict) else len(node[0])


def merged_order(sequences):
    """One order that agrees with each of them."""
    sequences = [list(sequence) for sequence in dict.fromkeys(map(tuple, sequences))]
    out = []
    while any(sequences):
        for sequence in sequences:
            head = sequence[0] if sequence else None
            if head is not None and not any(head in other[1:] for other in sequences):
                break
        else:
            raise Unfit("the order of the tensors")
        out.append(head)
        sequences = [[item for item in sequence if item != head] for sequence in sequences]
    return out


class Rows:
    """Places where something is looked at: a sample with the indices of the loops around it."""

    def __init__(self, places, derivation):
        self.places = places
        self.derivation = derivation
        self.everywhere = (1 << len(places)) - 1

    def mask(self, expression):
        """Where it holds, as bits; None if it has no value somewhere."""
        out = 0
        for number, (sample, indices) in enumerate(self.places):
            value = self.derivation.value(sample, expression, indices)
            if value is None:
                return None
            out |= bool(value) << number
        return out

    @functools.cached_property
    def conditions(self):
        out, known = [], set()
        for text in self.derivation.conditions(tuple(self.places[0][1]) if self.places else ()):
            for condition in (text, f"not {grouped(text)}"):
                mask = self.mask(condition)
                if mask is not None and mask not in known and mask not in (0, self.everywhere):
                    known.add(mask)
                    out.append((tidy(condition), mask))
        return out

    def condition(self, wanted, what):
        if wanted == self.everywhere:
            return ""
        for text, mask in self.conditions:
            if mask == wanted:
                return text
        for joint, fits, joined in (("and", lambda mask: wanted & ~mask == 0, int.__and__), ("or", lambda mask: mask & ~wanted == 0, int.__or__)):
            pool = [(text, mask) for text, mask in self.conditions if fits(mask)][:80]
            for (left, a), (right, b) in itertools.combinations(pool, 2):
                if joined(a, b) == wanted:
                    return f"{grouped(left)} {joint} {grouped(right)}"
        raise Unfit(f"when {what} is there")


class Derivation:
    def __init__(self, samples, names):
        """`samples`: (tensors, decisions, fields) of traced(); `names(fields)` makes them readable as expressions' names."""
        self.trees = [tree_of(tensors) for tensors, _, _ in samples]
        self.fields = [fields for _, _, fields in samples]
        self.names = [names(fields) for fields in self.fields]
        self.decided = collections.defaultdict(set)
        for _, decisions, _ in samples:
            for expression, outcomes in decisions.items():
                if fields_in(expression):
                    self.decided[expression] |= outcomes
        self.common = {key: [fields.get(key) for fields in self.fields] for key in self.fields[0] if all(key in fields for fields in self.fields)}
        self.values = {}
        self.counts = {}  # of the loops, by index
        self.lines = []

    def value(self, sample, expression, indices):
        used = tuple(indices[index] for index in indices if index in indices_in(expression))
        key = sample, expression, used
        if key not in self.values:
            try:
                self.values[key] = self.names[sample](expression, indices)
            except Exception:  # a field that this sample has not
                self.values[key] = None
        return self.values[key]

    # What may be a condition

    def conditions(self, indices):
        loops = tuple((index, self.counts[index]) for index in indices)
        return self._conditions(loops)

    @functools.lru_cache(maxsize=None)
    def _conditions(self, loops):
        out = dict.fromkeys(self._decisions(tuple(index for index, _ in loops)))
        for index, count in loops:
            out.update(dict.fromkeys([f"{index} == 0", f"{index} == {grouped(str(count))} - 1", f"{index} % 2 == 0"]))
        for path, values in self.common.items():
            kinds = {type(value) for value in values}
            if kinds == {bool} or HARMLESS.search(path) or path.rpartition(".")[2] in UNTRACED:
                continue  # a switch that matters was asked for, and is among the decisions
            if type(None) in kinds and len(kinds) > 1:
                out[f"{path} is None"] = None
            elif list in kinds:
                words = sorted({item for value in values for item in value or () if isinstance(item, str)})
                for index, _ in loops:
                    out.update(dict.fromkeys(f"{path}[{index}] == {word!r}" for word in words))
                    out.update(dict.fromkeys([f"{path}[{index}]"] if not words else []))
                    out.update(dict.fromkeys([f"{index} in {path}"] if not words else []))
                out.update(dict.fromkeys(f"{word!r} in {path}" for word in words))
        whole = [path for path, values in self.common.items() if {type(value) for value in values} == {int}]
        for index, _ in loops:
            out.update(dict.fromkeys(text for path in whole if re.search(r"layer|depth|block|stage|dense|start|step|freq|every|interval|num_", path) for text in (f"{index} < {path}", f"{index} % {path} == 0", f"({index} + 1) % {path} == 0")))
        return list(out)

    def _decisions(self, indices):
        """The comparisons that the constructors made; numbers that vary where everything else is the same stand for indices."""
        groups = collections.defaultdict(set)
        for expression in self.decided:
            groups[HOLE.sub("#", expression)].add(tuple(HOLE.findall(expression)))
        for shape, numbers in groups.items():
            places = list(zip(*numbers)) if numbers != {()} else []
            varied = [len(set(place)) > 1 for place in places]
            if not any(varied):
                yield filled(shape, next(iter(numbers)))
                continue
            for choice in itertools.product(*[[f"{index}{offset}" for index in indices for offset in ("", " + 1", " - 1")] if vary else [place[0]] for vary, place in zip(varied, places)]):
                yield filled(shape, [f"({item})" if " " in item else item for item in choice])
            if len(numbers) <= 6:
                yield from (filled(shape, choice) for choice in numbers)

    # The lines

    def run(self):
        self.walk([(sample, {}, tree) for sample, tree in enumerate(self.trees)], "", {}, [])
        return self.lines

    def walk(self, instances, prefix, loop, guards):
        order = merged_order([list(node) for _, _, node in instances])
        numbers = [key for key in order if key.isdigit()]
        if numbers and len(numbers) == len(order) and self.is_loop(instances, numbers):
            self.walk_loop(instances, prefix, loop, guards)
            return
        rows = Rows([(sample, indices) for sample, indices, _ in instances], self)
        for key in order:
            there = sum((key in node) << number for number, (_, _, node) in enumerate(instances))
            condition = rows.condition(there, prefix + key)
            inner = [(sample, indices, node[key]) for sample, indices, node in instances if key in node]
            self.descend(inner, prefix + key, loop, guards + [condition] if condition and condition not in guards else guards)

    def descend(self, instances, name, loop, guards):
        kinds = {isinstance(node, dict) for _, _, node in instances}
        if len(kinds) > 1:
            raise Unfit(f"{name} is a tensor here and a module there")
        if kinds == {True}:
            self.walk(instances, name + ".", loop, guards)
            return
        options = {**({"for": dict(loop)} if loop else {}), **({"if": " and ".join(grouped(guard) if len(guards) > 1 else guard for guard in guards)} if guards else {})}
        shape = self.shape(instances, name)
        if len(self.lines) == 400:
            raise Unfit("too many lines")
        self.lines.append([name, shape, options] if options else [name, shape])

    def is_loop(self, instances, numbers):
        sets = {tuple(node) for _, _, node in instances}
        if len(sets) > 1 or len(numbers) > 16:
            return True
        return len(numbers) > 1 and len({structure(child) for _, _, node in instances for child in node.values()}) == 1

    def walk_loop(self, instances, prefix, loop, guards):
        index = INDICES[len(loop)]
        count = self.count(instances, prefix)
        self.counts[index] = count
        places, inner = [], []
        for sample, indices, node in instances:
            number = count if isinstance(count, int) else self.value(sample, count, indices)
            for i in range(number):
                places.append((sample, {**indices, index: i}))
                inner.append(node.get(str(i)))
        rows = Rows(places, self)
        condition = rows.condition(sum((node is not None) << number for number, node in enumerate(inner)), prefix + "{i}")
        self.descend([(sample, indices, node) for (sample, indices), node in zip(places, inner) if node is not None], prefix + "{" + index + "}", {**loop, index: count}, guards + [condition] if condition else guards)

    def count(self, instances, prefix):
        rows = [(sample, indices, 1 + max(int(key) for key in node)) for sample, indices, node in instances]
        for candidate in self.count_candidates(tuple(rows[0][1])):
            if all(self.value(sample, candidate, indices) == count for sample, indices, count in rows):
                return candidate
        counts = {count for _, _, count in rows}
        if len(counts) == 1:
            return counts.pop()
        for candidate in self.count_candidates(tuple(rows[0][1])):
            found = [self.value(sample, candidate, indices) for sample, indices, _ in rows]
            if all(isinstance(value, int) and count <= value <= count + 2 for value, (_, _, count) in zip(found, rows)):
                return candidate
        raise Unfit(f"how often {prefix} is repeated")

    @functools.lru_cache(maxsize=None)
    def count_candidates(self, indices):
        whole = [path for path, values in self.common.items() if {type(value) for value in values} == {int}]
        lists = [path for path, values in self.common.items() if {type(value) for value in values} == {list}]
        out = whole + [f"len({path})" for path in lists] + [f"{path}[{index}]" for path in lists for index in indices]
        for base in list(out):
            out += [f"{base} - 1", f"{base} + 1", f"2 * {base}", f"{base} // 2", f"{base} - 2", f"2 * {base} + 1", f"3 * {base}"]
        out += [f"sum({path})" for path in lists] + [f"{path}[{i}]" for path in lists for i in range(6)]
        out += [f"{a} {sign} {b}" for a, b in itertools.permutations(whole[:60], 2) for sign in ("*", "//", "+", "-") if sign in "//-" or a < b]
        return out

    # Sizes

    def shape(self, instances, name):
        ranks = {len(node[0]) for _, _, node in instances}
        if len(ranks) != 1:
            raise Unfit(f"how many dimensions {name} has")
        rank = ranks.pop()
        return [self.size([(sample, indices, node[0][place], node[1][place] if node[1] else None) for sample, indices, node in instances], name) for place in range(rank)]

    def size(self, rows, name):
        candidates = list(self.size_candidates(rows))
        masks = {}
        everywhere = (1 << len(rows)) - 1
        for candidate in candidates:
            mask = self.right(candidate, rows)
            if mask == everywhere:
                return number_or_text(candidate)
            masks.setdefault(mask, candidate)
        few = rows[:: max(1, len(rows) // 6)]
        for candidate in self.numeric_candidates(tuple(rows[0][1])):
            if any(self.value(sample, candidate, indices) == size for sample, indices, size, _ in few):
                mask = self.right(candidate, rows)
                if mask == everywhere:
                    return number_or_text(candidate)
                masks.setdefault(mask, candidate)
        where = Rows([(sample, indices) for sample, indices, _, _ in rows], self)
        for depth in (1, 2, 3):
            if found := self.cases(everywhere, masks, where, depth):
                return found
        raise Unfit(f"the size of {name}")

    def cases(self, wanted, masks, where, depth):
        """`a if p else b if q else c`: candidates that are each right in some of the places."""
        for right, candidate in masks.items():
            if wanted & ~right == 0:
                return tidy(candidate)
        for condition, mask in where.conditions if depth else ():
            here = wanted & mask
            left = next((candidate for right, candidate in masks.items() if here & ~right == 0), None) if here and here != wanted else None
            other = self.cases(wanted & ~mask, masks, where, depth - 1) if left else None
            if other:
                return f"{grouped(tidy(left))} if {grouped(condition)} else {other}"
        return None

    def right(self, candidate, rows):
        return sum((self.value(sample, candidate, indices) == size) << number for number, (sample, indices, size, _) in enumerate(rows))

    def size_candidates(self, rows):
        """What the sizes were computed from; numbers that equal an index, or a power of two of it, may stand for it."""
        plain, general = {}, {}
        for _, indices, _, expression in rows:
            if expression is None or expression in plain or len(plain) > 60:
                continue
            plain[expression] = None
            holes = HOLE.findall(expression)
            if not indices or not holes or len(holes) > 6:
                continue
            options = [[hole, *stands_for(int(hole), indices)] for hole in holes]
            for choice in itertools.islice(itertools.product(*options), 1, 200):
                general[filled(HOLE.sub("#", expression), choice)] = None
        return [*sorted(plain, key=len), *sorted(general, key=len)]

    @functools.lru_cache(maxsize=None)
    def numeric_candidates(self, indices):
        whole = [path for path, values in self.common.items() if {type(value) for value in values} == {int}]
        shares = [path for path, values in self.common.items() if float in {type(value) for value in values} and not HARMLESS.search(path)]
        lists = [path for path, values in self.common.items() if {type(value) for value in values} == {list}]
        out = whole + [f"len({path})" for path in lists] + [f"{path}[{index}{offset}]" for path in lists for index in indices for offset in ("", " + 1", " - 1")] + [f"{path}[{i}]" for path in lists for i in (0, 1, 2, 3, -1, -2)]
        out += [f"sum({path})" for path in lists] + [f"int({a} * {b})" for a in whole for b in shares]
        for base in list(out):
            out += [f"2 * {base}", f"{base} // 2", f"{base} + 1", f"3 * {base}", f"4 * {base}", f"{base} - 1", f"{base} + 2", f"{base} ** 2", f"{base} // 4"]
            out += [f"{base} * 2 ** {index}" for index in indices]
        out += [f"({path}[0] if islist({path}) else {path})" for path, values in self.common.items() if list in {type(value) for value in values}]
        for _, group in itertools.groupby(sorted(whole, key=lambda path: path.rpartition(".")[0]), key=lambda path: path.rpartition(".")[0]):
            pairs = [path for path in group if not re.search(r"token|beam|position_bucket", path)][:40]
            for a, b in itertools.permutations(pairs, 2):
                out += [f"{a} // {b}", f"{a} - {b}", f"({a} // {b}) ** 2", f"({a} // {b}) ** 2 + 1", f"{a} // {b} // 2", f"2 * {a} + {b}", f"{a} * 2 ** ({b} - 1)"]
                out += [f"{a} * {b}", f"{a} + {b}"] if a < b else []
        return out

    # What the samples do not show

    def refusals(self):
        """Comparisons whose outcome was always the same, as conditions under which nothing is known."""
        groups = collections.defaultdict(lambda: (set(), set()))
        for expression, outcomes in self.decided.items():
            if not HARMLESS.search(expression):
                shape = HOLE.sub("#", expression)
                groups[shape][0].add(tuple(HOLE.findall(expression)))
                groups[shape][1].update(outcomes)
        out = []
        for shape, (numbers, outcomes) in groups.items():
            if len(outcomes) > 1 or not self.is_open(shape):
                continue
            places = list(zip(*numbers)) if numbers != {()} else []
            varied = [len(set(place)) > 1 for place in places]
            always = next(iter(outcomes))
            if not any(varied):
                expression = tidy(filled(shape, next(iter(numbers))))
                out.append(f"not {grouped(expression)}" if always else expression)
            elif sum(varied) == 1:
                indexed = re.match(r"^\(?(\w[\w.]*)\[#\] (==|!=|<|>|<=|>=) ([^#]*?)\)?$", shape)
                if indexed:
                    test = f"{indexed[1]}[i] {indexed[2]} {indexed[3]}"
                    out.append(f"any([{'not (' + test + ')' if always else test} for i in range(len({indexed[1]}))])")
        used = " ".join(str(line[1:]) for line in self.lines)
        for path, values in self.common.items():
            if path.endswith(".model_type") and re.search(rf"(?<![\w.]){re.escape(path[:-len('model_type')])}", used):
                out.append(f"{path} != {values[0]!r}")
        return [condition for condition in out if all(self.value(sample, condition, {}) is not None and not self.value(sample, condition, {}) for sample in range(len(self.trees)))]

    def is_open(self, shape):
        """Whether a config could decide otherwise: the field is a text or a switch, or the comparison is between fields."""
        fields = fields_in(shape.replace("#", "0"))
        return bool(fields) and all(field in self.common for field in fields)


def stands_for(number, indices):
    for index, value in indices.items():
        for offset in (0, 1, -1):
            if number == value + offset:
                yield f"({index}{'' if offset == 0 else ' + 1' if offset == 1 else ' - 1'})"
        if number > 0 and math.log2(number) == value:
            yield f"2 ** {index}"
        if number > 1 and math.log2(number) == value + 1:
            yield f"2 ** ({index} + 1)"


def filled(shape, numbers):
    parts = shape.split("#")
    return "".join(itertools.chain.from_iterable(itertools.zip_longest(parts, numbers, fillvalue="")))


def number_or_text(expression):
    text = tidy(expression)
    return int(text) if re.fullmatch(r"-?\d+", text) else text


class DerivedFields:
    """How a config's fields follow from others, where the file does not say them: from what the library made of the samples."""

    def __init__(self, raw, resolved, names):
        """`raw`: the fields as the file and the defaults give them, per sample; `resolved`: the library's."""
        self.raw = raw
        self.resolved = resolved
        self.search = Derivation([({}, {}, fields) for fields in raw], names)

    def expression(self, field):
        """None if the field is what the file says; Unfit if what it is cannot be told."""
        rows = [(sample, {}, resolved.get(field)) for sample, resolved in enumerate(self.resolved)]
        raw = [fields.get(field) for fields in self.raw]
        if all(value == said for (_, _, value), said in zip(rows, raw)):
            return None
        said = [sample for sample, value in enumerate(raw) if value is not None]
        if all(raw[sample] == rows[sample][2] for sample in said):
            found = self.fitted([row for row in rows if row[0] not in said], field)
            return f"{grouped(found)} if {field} is None else {field}" if said or all(field in fields for fields in self.raw) else found
        return self.fitted(rows, field)

    def fitted(self, rows, field):
        values = [value for _, _, value in rows]
        if all(isinstance(value, list) for value in values) and all(value for value in values):
            return self.fitted_list(rows, field)
        if len({repr(value) for value in values}) == 1 and not isinstance(values[0], int):
            return repr(values[0])
        return str(self.search.size([(sample, indices, value, None) for sample, indices, value in rows], field))

    def fitted_list(self, rows, field):
        if any(isinstance(item, (dict, list)) for _, _, value in rows for item in value):
            raise Unfit(f"what {field} is")
        items = sorted({item for _, _, value in rows for item in value}, key=repr)
        count = next((candidate for candidate in self.search.count_candidates(()) if all(self.search.value(sample, candidate, {}) == len(value) for sample, _, value in rows)), None)
        if count is None or len(items) > 2:
            raise Unfit(f"what {field} is")
        if len(items) == 1:
            return f"[{items[0]!r} for i in range({count})]"
        self.search.counts["i"] = count
        places = [(sample, {"i": i}) for sample, _, value in rows for i in range(len(value))]
        wanted = sum((item == items[0]) << number for number, item in enumerate(item for _, _, value in rows for item in value))
        condition = Rows(places, self.search).condition(wanted, f"{items[0]!r} of {field}")
        return f"[{items[0]!r} if {grouped(condition)} else {items[1]!r} for i in range({count})]"
