# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines that name one tensor of one shape and differ only in when it is there, as one line.

Constructors with many branches give many such lines. A condition is a set of alternatives, each a set of literals; two alternatives that differ in one
literal alone are one without it (Quine, McCluskey), one that another implies is dropped, and so is a literal whose opposite would make another true."""
import ast
import json
import re

INDEX = re.compile(r"\b[i-q]\b")
OPPOSITE = {ast.NotEq: ast.Eq, ast.NotIn: ast.In, ast.IsNot: ast.Is, ast.GtE: ast.Lt, ast.LtE: ast.Gt}


def literal(node):
    """(text, whether it must hold)"""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        text, holds = literal(node.operand)
        return text, not holds
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in OPPOSITE:
        return ast.unparse(ast.Compare(node.left, [OPPOSITE[type(node.ops[0])]()], node.comparators)), False
    return ast.unparse(node), True


def parts(node, kind):
    return [part for value in node.values for part in parts(value, kind)] if isinstance(node, ast.BoolOp) and isinstance(node.op, kind) else [node]


def alternatives(condition):
    """A condition as sets of literals of which one must hold; None stands for always."""
    if condition is None:
        return {frozenset()}
    tree = ast.parse(condition, mode="eval").body
    return {frozenset(literal(part) for part in parts(choice, ast.And)) for choice in parts(tree, ast.Or)}


def simplified(choices):
    while True:
        joint, used = set(), set()
        for choice in choices:
            for text, holds in choice:
                twin = choice - {(text, holds)} | {(text, not holds)}
                if twin in choices:
                    joint.add(choice - {(text, holds)})
                    used |= {choice, twin}
        found = {without_opposites(choice, choices) for choice in (choices - used) | joint}
        found = {choice for choice in found if not any(other < choice for other in found)}
        if found == choices:
            return found
        choices = found


def without_opposites(choice, choices):
    """`a or (not a and b)` is `a or b`."""
    return frozenset((text, holds) for text, holds in choice if frozenset({(text, not holds)}) not in choices or len(choice) == 1)


def shown(choices, order):
    """The text of a condition; None for always."""
    if frozenset() in choices:
        return None

    def term(part):
        text, holds = part
        return f"({text})" if holds and " " in text else text if holds else f"not ({text})" if " " in text else f"not {text}"

    def place(part):
        return order.index(part[0]) if part[0] in order else len(order), part

    common = frozenset.intersection(*choices)
    rest = simplified({choice - common for choice in choices}) if len(choices) > 1 else {frozenset()}
    texts = [term(part) for part in sorted(common, key=place)]
    if frozenset() not in rest:
        either = sorted((sorted(choice, key=place) for choice in rest), key=lambda choice: (len(choice), [place(part) for part in choice]))
        options = [" and ".join(map(term, choice)) for choice in either]
        texts.append(f"({' or '.join(f'({option})' if ' and ' in option else option for option in options)})")
    text = " and ".join(texts)
    return ast.unparse(ast.parse(text, mode="eval"))


def options_of(line):
    return line[2] if len(line) > 2 else {}


def are_exclusive(left, right):
    """Whether two lines are never both there, in one turn of the loop that they share."""
    sides = [alternatives(options_of(line).get("if")) for line in (left, right)]
    same_loop = options_of(left).get("for") == options_of(right).get("for")
    return all(any((text, not holds) in b and (same_loop or not INDEX.search(text)) for text, holds in a) for a in sides[0] for b in sides[1])


def may_move(lines, start, end, group):
    """Whether line `end` may stand where line `start` does: what stands between is there only when it is not."""
    return all(number in group or not isinstance(lines[number], dict) and are_exclusive(lines[number], lines[end]) for number in range(start + 1, end))


def joint(group):
    """One line for lines that differ in their conditions."""
    conditions = [options_of(line).get("if") for line in group]
    order = [literal(part)[0] for condition in conditions if condition for part in parts(ast.parse(condition, mode="eval").body, ast.And)]
    condition = shown(simplified(set().union(*map(alternatives, conditions))), order)
    options = {key: value for key, value in options_of(group[0]).items() if key != "if"}
    if condition is not None:
        options["if"] = condition
    return [*group[0][:2], options] if options else group[0][:2]


def merged(lines):
    """What is merged no longer stands between others, so it is done until nothing changes."""
    while True:
        fewer = merged_once(lines)
        if len(fewer) == len(lines):
            return lines
        lines = fewer


def merged_once(lines):
    groups, latest = {}, {}
    for number, line in enumerate(lines):
        key = number if isinstance(line, dict) else json.dumps([line[0], line[1], {key: value for key, value in options_of(line).items() if key != "if"}])
        first = latest.get(key)
        if first is not None and may_move(lines, first, number, groups[first]):
            groups[first].append(number)
        else:
            latest[key] = number
            groups[number] = [number]
    return [joint([lines[number] for number in group]) if len(group) > 1 else lines[group[0]] for group in groups.values()]
