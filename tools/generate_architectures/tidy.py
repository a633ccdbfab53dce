# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes specifications anew, shorter and with the same meaning: python tidy.py FILE.json...

Lines that differ in when they are there become one (merge_lines.py), parentheses that say nothing go, and so do divisions by one and by oneself
(grouped convolutions) and refusals that no whole number meets. The five tensors of a batch normalization become one line."""
import ast
import json
import sys

from merge_lines import merged
from specify import written


class Folding(ast.NodeTransformer):
    """x // 1, x * 1 and x // x, which grouped convolutions bring."""

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, ast.FloorDiv) and ast.unparse(node.left) == ast.unparse(node.right):
            return ast.Constant(1)
        is_one = isinstance(node.right, ast.Constant) and node.right.value == 1 and not isinstance(node.right.value, (bool, float))
        return node.left if is_one and isinstance(node.op, (ast.FloorDiv, ast.Mult)) else node


def tidy(expression):
    if not isinstance(expression, str):
        return expression
    folded = ast.unparse(Folding().visit(ast.parse(expression, mode="eval")))
    return int(folded) if folded.isdigit() else folded


def is_idle(refusal):
    """`x % 1 != 0` and `x % x != 0`."""
    if not isinstance(refusal, str):
        return False
    tree = ast.parse(refusal, mode="eval").body
    if not isinstance(tree, ast.Compare) or not isinstance(tree.ops[0], ast.NotEq) or ast.unparse(tree.comparators[0]) != "0":
        return False
    left = tree.left
    return isinstance(left, ast.BinOp) and isinstance(left.op, ast.Mod) and ast.unparse(left.right) in ("1", ast.unparse(left.left))


def tidy_options(options):
    out = dict(options)
    if "for" in out:
        out["for"] = {index: tidy(count) for index, count in out["for"].items()}
    if "if" in out:
        out["if"] = tidy(out["if"])
    return out


def tidy_line(line):
    if isinstance(line, dict):
        return line
    shape = [tidy(size) for size in line[1]] if isinstance(line[1], list) else line[1]
    return [line[0], shape, *map(tidy_options, line[2:])]


NORM = [("weight", {}), ("bias", {}), ("running_mean", {"buffer": "persistent"}), ("running_var", {"buffer": "persistent"}), ("num_batches_tracked", {"buffer": "persistent", "dtype": "I64"})]


def batch_norm(lines, left_out):
    """One line for the five at the start of `lines`, or None if they are no batch normalization, or if a class leaves out one of them."""
    if len(lines) < len(NORM) or any(isinstance(line, dict) or isinstance(line[1], dict) for line in lines):
        return None
    name = lines[0][0].removesuffix("weight")
    options, size = dict(lines[0][2]) if len(lines[0]) > 2 else {}, lines[0][1]
    wanted = [[name + part, size if part != NORM[-1][0] else [], {**options, **kind}] for part, kind in NORM]
    if len(size) != 1 or [[*line, {}][:3] for line in lines] != wanted or any(other.startswith(name) for other in left_out):
        return None
    return [name[:-1], {"batch_norm": size[0]}, *([options] if options else [])]


def folded_norms(lines, left_out):
    out, place = [], 0
    while place < len(lines):
        norm = batch_norm(lines[place:place + len(NORM)], left_out)
        out.append(norm or lines[place])
        place += len(NORM) if norm else 1
    return out


def tidy_class(entry, left_out):
    entry["lines"] = folded_norms(merged([tidy_line(line) for line in entry["lines"]]), left_out)
    if "tied" in entry:
        entry["tied"] = [[*tie[:2], *map(tidy_options, tie[2:])] for tie in entry["tied"]]
    if "refuse" in entry:
        entry["refuse"] = [refusal for refusal in entry["refuse"] if not is_idle(refusal)]
        if not entry["refuse"]:
            del entry["refuse"]


def main():
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            spec = json.load(file)
        left_out = {name for entry in spec["classes"].values() for line in entry["lines"] if isinstance(line, dict) for name in line.get("without", [])}
        for entry in spec["classes"].values():
            tidy_class(entry, left_out)
        with open(path, "w", encoding="utf-8") as file:
            file.write(written(spec))


if __name__ == "__main__":
    main()
