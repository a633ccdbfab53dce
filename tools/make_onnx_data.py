#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tests/data/onnx/graph.onnx, a whole small graph, and graph-damaged.onnx, the same with weights lost, left over and of other shapes.

    make_onnx_data.py [OUT]

Needs onnx.
"""
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OUT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent / "tests/data/onnx")


def weight(name, *shape):
    return numpy_helper.from_array(np.zeros(shape, np.float32), name)


def branch(name, initializers):
    """A graph inside the If, which reads names of the graph around it."""
    return helper.make_graph([helper.make_node("Mul", ["flat", f"{name}_scale"], [f"{name}_scaled"]), helper.make_node("Add", [f"{name}_scaled", "shift"], [f"{name}_out"])], name, [],
                             [helper.make_tensor_value_info(f"{name}_out", TensorProto.FLOAT, None)], initializers)


def model():
    nodes = [helper.make_node("Conv", ["image", "conv.weight", "conv.bias"], ["conved"], kernel_shape=[3, 3], group=2),
             helper.make_node("BatchNormalization", ["conved", "bn.weight", "bn.bias", "bn.mean", "bn.var"], ["normed"]),
             helper.make_node("Resize", ["normed", "", "", "sizes"], ["resized"]),
             helper.make_node("Flatten", ["resized"], ["flat"]),
             helper.make_node("If", ["chosen"], ["branched"], then_branch=branch("then", [weight("then_scale", 1)]), else_branch=branch("else", [weight("else_scale", 1)])),
             helper.make_node("Gemm", ["branched", "fc.weight", "fc.bias"], ["hidden"], transB=1),
             helper.make_node("MatMul", ["hidden", "out.weight"], ["logits"])]
    infos = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in
             [("conved", ["n", 6, 4, 4]), ("normed", ["n", 6, 4, 4]), ("branched", ["n", 24]), ("hidden", ["n", 5])]]
    weights = [weight("conv.weight", 6, 2, 3, 3), weight("conv.bias", 6), weight("bn.weight", 6), weight("bn.bias", 6), weight("bn.mean", 6), weight("bn.var", 6),
               numpy_helper.from_array(np.array([1, 6, 2, 2], np.int64), "sizes"), weight("shift", 1), weight("fc.weight", 5, 24), weight("fc.bias", 5), weight("out.weight", 5, 3)]
    graph = helper.make_graph(nodes, "main", [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 4, 6, 6]), helper.make_tensor_value_info("chosen", TensorProto.BOOL, [])],
                              [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 3])], weights, value_info=infos)
    out = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="tests")
    out.ir_version = 8
    onnx.checker.check_model(out)
    return out


def damaged():
    out = model()
    kept = [w for w in out.graph.initializer if w.name not in ("conv.weight", "bn.mean", "shift", "fc.bias")]
    kept = [weight("fc.weight", 5, 25) if w.name == "fc.weight" else w for w in kept] + [weight("left.over", 2, 2)]
    del out.graph.initializer[:]
    out.graph.initializer.extend(kept)
    return out


def main():
    onnx.save(model(), OUT / "graph.onnx")
    onnx.save(damaged(), OUT / "graph-damaged.onnx")


if __name__ == "__main__":
    main()
