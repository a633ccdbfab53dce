#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tests/data/onnx/graph.onnx, a whole small graph, graph-damaged.onnx, the same with weights lost, left over and of other shapes, and places.onnx, weights in every place
that a model has for them.

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


def packed(name, dtype, count, *numbers, field="int32_data"):
    """A tensor in a typed field, as it is packed there."""
    out = TensorProto(name=name, data_type=dtype, dims=[count])
    getattr(out, field).extend(numbers)
    return out


def places():
    """A sparse initializer, constants of a function and of a node, an initializer of a subgraph, training graphs, elements of less than a byte."""
    sparse = helper.make_sparse_tensor(packed("sparse", TensorProto.FLOAT, 2, 1.5, -2.0, field="float_data"), packed("sparse_indices", TensorProto.INT64, 2, 3, 7, field="int64_data"), [3, 4])
    function = helper.make_function("local", "Shifted", ["x"], ["y"], [helper.make_node("Constant", [], ["shift"], value=weight("", 3)), helper.make_node("Add", ["x", "shift"], ["y"])],
                                    [helper.make_opsetid("", 17)])
    def inner(name):
        return helper.make_graph([helper.make_node("Identity", [name], [f"{name}_out"])], name, [], [helper.make_tensor_value_info(f"{name}_out", TensorProto.FLOAT, [2])], [weight(name, 2)])

    nodes = [helper.make_node("If", ["chosen"], ["branched"], then_branch=inner("then"), else_branch=inner("else")), helper.make_node("Constant", [], ["folded"], value=weight("", 2, 2)),
             helper.make_node("Shifted", ["three"], ["shifted"], domain="local")]
    small = [packed("int4", TensorProto.INT4, 3, 0x21, 0x0F), packed("uint2", TensorProto.UINT2, 5, 0xE4, 0x01), packed("int2", TensorProto.INT2, 4, 0xE4),
             packed("float6", TensorProto.FLOAT6E2M3, 3, 1, 63, 32), weight("three", 3)]
    graph = helper.make_graph(nodes, "main", [helper.make_tensor_value_info("chosen", TensorProto.BOOL, [])], [helper.make_tensor_value_info("shifted", TensorProto.FLOAT, [3])], small,
                              sparse_initializer=[sparse])
    out = helper.make_model(graph, functions=[function], opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("local", 1)], producer_name="tests")
    training = out.training_info.add()
    training.initialization.initializer.append(weight("start", 2))
    training.algorithm.initializer.append(weight("rate", 1))
    return out


def main():
    onnx.save(places(), OUT / "places.onnx")
    onnx.save(model(), OUT / "graph.onnx")
    onnx.save(damaged(), OUT / "graph-damaged.onnx")


if __name__ == "__main__":
    main()
