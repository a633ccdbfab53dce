# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds expressions that agree with what the probes say: when tensors are tied, and which buffers a model computes for itself.

The candidates are the sizes, loops and conditions of the class's own lines, and the fields of its config. The simplest one that agrees with every
probe is taken; gate.py then tries it on others."""
import functools
import itertools
import re

DIGITS = re.compile(r"(?<=\.)\d+(?=\.)")
PLACE = re.compile(r"\{[^}]*\}")


class Unfit(Exception):
    """This class cannot be said for certain."""


def under(name, prefixes):
    return any(pattern.match(name) for pattern in prefixes)


def prefix_pattern(name):
    return re.compile(r"[^.]+".join(re.escape(part) for part in PLACE.split(name)) + r"(\.|\Z)")


def name_pattern(name):
    return re.compile(r"[^.]+".join(re.escape(part) for part in PLACE.split(name)) + r"\Z")


def options_of(line):
    return line[2] if len(line) > 2 else {}


class Fit:
    """The cases of one class with its lines; `evaluate(config, expression, indices)` gives a value, or None if there is none."""

    def __init__(self, cases, lines, evaluate, fields):
        self.cases = cases
        self.lines = lines
        self.evaluate = evaluate
        self.fields = fields
        self.inner = [prefix_pattern(line[0]) for line in lines if isinstance(line[1], dict)]
        self.everywhere = (1 << len(cases)) - 1

    def mask(self, condition):
        """In which cases it holds, as bits; None if it has no value in one of them."""
        out = 0
        for number, (config, _) in enumerate(self.cases):
            value = self.evaluate(config, condition, {})
            if value is None:
                return None
            out |= bool(value) << number
        return out

    @functools.cached_property
    def conditions(self):
        """Candidates without indices and their masks, the most telling first; of those that hold in the same cases only the first."""
        out, known = [], set()
        for condition in self._candidates():
            for text in (condition, f"not ({condition})" if " " in condition else f"not {condition}"):
                mask = self.mask(text)
                if mask is not None and mask not in known and mask not in (0, self.everywhere):
                    known.add(mask)
                    out.append((text, mask))
        return out

    def _candidates(self):
        yield from ("tie_word_embeddings", "text_config.tie_word_embeddings")
        for line in self.lines:
            if "if" in options_of(line) and not options_of(line).get("for"):
                yield options_of(line)["if"]
        for path, values in self.fields.items():
            kinds = {type(value) for value in values}
            if kinds <= {bool}:
                yield path
            elif type(None) in kinds:
                yield f"{path} is None"
            elif kinds == {str} and len(set(values)) > 1:
                yield from (f"{path} == {value!r}" for value in sorted(set(values)))
            elif kinds == {list}:
                words = {item for value in values for item in value if isinstance(item, str)}
                yield from (f"{word!r} in {path}" for word in sorted(words))
            elif kinds <= {int, float}:
                yield f"{path} > 0"

    def condition(self, wanted, what):
        """The simplest condition that holds in just these cases: "" for always."""
        if wanted == self.everywhere:
            return ""
        for text, mask in self.conditions:
            if mask == wanted:
                return text
        for joint, fits, joined in (("and", lambda mask: wanted & ~mask == 0, int.__and__), ("or", lambda mask: mask & ~wanted == 0, int.__or__)):
            pool = [(text, mask) for text, mask in self.conditions if fits(mask)][:60]
            for (left, a), (right, b) in itertools.combinations(pool, 2):
                if joined(a, b) == wanted:
                    return f"{grouped(left)} {joint} {grouped(right)}"
        raise Unfit(what)

    # Ties

    def ties(self):
        pairs = {}
        for number, (_, case) in enumerate(self.cases):
            for target, source in case.get("tied", {}).items():
                if not under(target, self.inner):
                    pairs[target, source] = pairs.get((target, source), 0) | 1 << number
        out, rest = [], dict(pairs)
        for template, loop, condition in self._loops():
            self._take_looped_ties(template, loop, condition, rest, out)
        for (target, source), mask in rest.items():
            condition = self.condition(mask, f"when {target} is tied")
            out.append([target, source, *([{"if": condition}] if condition else [])])
        return out

    def _take_looped_ties(self, template, loop, condition, rest, out):
        """One line for tied tensors that stand in one of the loops of the model."""
        pattern = prefix_pattern(template)
        tails = {(target[pattern.match(target).end():], re.sub(pattern, "", source) if pattern.match(source) else None, source) for target, source in rest if pattern.match(target)}
        for tail, source_tail, source in sorted(tails, key=str):
            other = f"{template}.{source_tail}" if source_tail else source
            for switch in dict.fromkeys(["tie_word_embeddings", "text_config.tie_word_embeddings", condition]):
                line = [f"{template}.{tail}", other, {"for": loop, **({"if": switch} if switch else {})}]
                names = [dict(zip(self.names(line[0], loop, switch, config) or (), self.names(other, loop, switch, config) or ())) for config, _ in self.cases]
                found = [{target: case.get("tied", {}).get(target) for target in case.get("tied", {}) if name_pattern(line[0]).match(target)} for _, case in self.cases]
                if any(names) and names == found:
                    out.append(line)
                    for pair in [pair for pair in rest if name_pattern(line[0]).match(pair[0])]:
                        del rest[pair]
                    break

    # Buffers

    def buffers(self):
        """Lines for the buffers that the model computes and no file holds."""
        have = [name_pattern(line[0]) for line in self.lines if options_of(line).get("buffer") == "nonpersistent"]
        waiting = dict.fromkeys(name for _, case in self.cases for name in case.get("nonpersistent", {}) if not under(name, have) and not under(name, self.inner))
        out = []
        while waiting:
            name = next(iter(waiting))
            line = self._looped_buffer(name) if DIGITS.search(name) else None
            out.append(line or self._buffer(name))
            pattern = name_pattern(out[-1][0])
            waiting = {other: True for other in waiting if not pattern.match(other)}
        return out

    def _buffer(self, name):
        mask = sum((name in case.get("nonpersistent", {})) << number for number, (_, case) in enumerate(self.cases))
        condition = self.condition(mask, f"when the buffer {name} is there")
        rows = [(config, {}, case["nonpersistent"][name]) for config, case in self.cases if name in case.get("nonpersistent", {})]
        return [name, self._shape(rows, name), {**({"if": condition} if condition else {}), "buffer": "nonpersistent"}]

    def _loops(self):
        """The loops of the lines: a name up to its last place, the counts, the condition."""
        seen = {}
        for line in self.lines:
            loop = options_of(line).get("for")
            if loop and "{" in line[0]:
                template = line[0][: line[0].rindex("}") + 1]
                for condition in (options_of(line).get("if"), None):
                    seen.setdefault((template, str(loop), condition), (template, loop, condition))
        return sorted(seen.values(), key=lambda item: (-item[0].count("{"), item[2] is not None))

    def _looped_buffer(self, name):
        for template, loop, condition in self._loops():
            start = prefix_pattern(template).match(name)
            if not start or start.end() == len(name) and not name.endswith("}"):
                continue
            whole = f"{template}.{name[start.end():]}"
            pattern = name_pattern(whole)
            rows = []
            for config, case in self.cases:
                names = self.names(whole, loop, condition, config, with_indices=True)
                found = {other: shape for other, shape in case.get("nonpersistent", {}).items() if pattern.match(other)}
                if names is None or {other for other, _ in names} != set(found):
                    break
                rows += [(config, indices, found[other]) for other, indices in names]
            else:
                if rows:
                    return [whole, self._shape(rows, name), {"for": loop, **({"if": condition} if condition else {}), "buffer": "nonpersistent"}]
        return None

    def names(self, template, loop, condition, config, with_indices=False):
        """What a looped name stands for in one case; None if that cannot be said."""
        out = []
        turns = [{}]
        for index, count in loop.items():
            longer = []
            for turn in turns:
                number = count if isinstance(count, int) else self.evaluate(config, count, turn)
                if not isinstance(number, int):
                    # A loop over something that is absent is none.
                    number = 0
                longer += [{**turn, index: i} for i in range(number)]
            turns = longer
        for turn in turns:
            if condition:
                wanted = self.evaluate(config, condition, turn)
                if wanted is None:
                    return None
                if not wanted:
                    continue
            parts = [self.evaluate(config, place[1:-1], turn) for place in PLACE.findall(template)]
            name = "".join(text + (str(part) if part is not None else "") for text, part in itertools.zip_longest(PLACE.split(template), parts, fillvalue=""))
            out.append((name, turn) if with_indices else name)
        return out

    # Sizes

    def _shape(self, rows, name):
        ranks = {len(shape) for _, _, shape in rows}
        if len(ranks) != 1:
            raise Unfit(f"the size of the buffer {name}")
        return [self._size([(config, indices, shape[place]) for config, indices, shape in rows], name) for place in range(ranks.pop())]

    def _size(self, rows, name):
        wanted = {size for _, _, size in rows}
        for candidate in self.sizes:
            if all(self.evaluate(config, candidate, indices) == size for config, indices, size in rows):
                return candidate
        if len(wanted) == 1:
            return wanted.pop()
        raise Unfit(f"the size of the buffer {name}")

    @functools.cached_property
    def sizes(self):
        whole = [path for path, values in self.fields.items() if {type(value) for value in values} & {int} and not {type(value) for value in values} & {bool, list}]
        likely = sorted(whole, key=lambda path: not re.search(r"head_dim|position|n_positions|hidden_size|d_model|rope|rotary", path))
        heads = [head_size(prefix) for prefix in sorted({path.rpartition(".")[0] for path in whole})]
        dims = list(dict.fromkeys(size for line in self.lines if isinstance(line[1], list) for size in line[1] if isinstance(size, str)))
        bases = [*itertools.chain.from_iterable(heads), *likely, *dims]
        out = [text for base in likely + dims for text in (f"({base} + 1) // 2", base)]
        for base in bases:
            out += [f"{grouped(base)} // 2", f"({grouped(base)} // 2 + 1) // 2", f"2 * {grouped(base)}", f"2 * {grouped(base)} - 1", f"{grouped(base)} + 1", f"{grouped(base)} + 2", f"{grouped(base)} ** 2", f"{grouped(base)} ** 4", f"2 * {grouped(base)} + 1", f"{grouped(base)} // 4", f"({grouped(base)} + 1) // 2"]
        for prefix in sorted({path.rpartition(".")[0] for path in whole}):
            dot = prefix + "." if prefix else ""
            for head in head_size(prefix):
                for factor in (f"get('{dot}{field}', {default})" for field in ("rotary_pct", "partial_rotary_factor") for default in ("0.25", "0.5", "1.0")):
                    for rope in ("rope_parameters", "rope_parameters.full_attention", "rope_parameters.sliding_attention"):
                        share = f"({dot}{rope}.partial_rotary_factor if has('{dot}{rope}.partial_rotary_factor') else {factor})"
                        out.append(f"(int({head} * {share}) + 1) // 2")
            out += [f"({dot}image_size // {dot}patch_size) ** 2", f"({dot}image_size // {dot}patch_size) ** 2 + 1"]
        windows = [re.fullmatch(r"\(2 \* (.+) - 1\) \*\* 2", dim) for dim in dims]
        out += [f"{grouped(window[1])} ** 2" for window in windows if window]
        out += [f"{a} + {b}" for a in likely[:24] for b in ("pad_token_id + 1", "1", "2", "padding_idx + 1")]
        small = [path for path in whole if path in likely[:40]]
        out += [f"{a} {sign} {b}" for a, b in itertools.permutations(small, 2) for sign in ("*", "+", "//") if sign == "//" or a < b]
        return list(dict.fromkeys(out))


def head_size(prefix):
    dot = prefix + "." if prefix else ""
    given = [f"(({dot}{width} // {dot}{heads}) if {dot}head_dim is None else {dot}head_dim)" for width in ("hidden_size", "d_model") for heads in ("num_attention_heads", "num_heads")]
    return [f"{dot}head_dim", f"get('{dot}head_dim', {dot}qk_rope_head_dim)", *given] + [f"({dot}{width} // {dot}{heads})" for width in ("hidden_size", "d_model", "n_embd", "dim") for heads in ("num_attention_heads", "num_heads", "n_head", "encoder_attention_heads", "n_heads")]


def grouped(text):
    return f"({text})" if re.search(r"[ ]", text) and not (text.startswith("(") and text.endswith(")") and text.count("(") == 1) else text
