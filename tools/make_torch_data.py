#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes files of PyTorch that are seldom met into tests/data/torch, and what PyTorch says that is in them into tests/golden/torch.

    make_torch_data.py

protocol0.bin               torch.save() with pickle's first protocol, which writes the ids of storages as texts
pickled2.pkl, pickled4.pkl  pickle.dump() instead of torch.save(): each storage is a whole legacy file
subclasses.bin              a DTensor, wrapper subclasses (one around the whole tensor, one of parts), nested and jagged tensors
export_2_6.pt2, 2_8         torch.export as PyTorch 2.6 and 2.8 laid it out, from the parts that this version still writes

Needs torch.
"""
import collections
import hashlib
import pathlib
import pickle
import tempfile
import zipfile

import torch
from torch import nn

TESTS = pathlib.Path(__file__).resolve().parent.parent / "tests"
NAMES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.float8_e4m3fn: "F8_E4M3", torch.int64: "I64", torch.uint8: "U8", torch.uint16: "U16", torch.bool: "BOOL"}


def line(name, tensor, values=True):
    shape = " x ".join(map(str, tensor.shape)) or "scalar"
    raw = tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes() if values else None
    return f"{name} {NAMES[tensor.dtype]} {shape} {hashlib.sha256(raw).hexdigest() if values else '-'}\n"


def golden(file, kind, lines):
    (TESTS / f"golden/torch/{file}.txt").write_text(f"{kind}\n{''.join(lines)}")


def pickled():
    base = torch.arange(12, dtype=torch.float32).reshape(3, 4)
    state = {"w": base, "view": base[1:, ::2], "half": torch.tensor([1.5, -2.0], dtype=torch.float16), "f8": torch.tensor([0.5, 448.0]).to(torch.float8_e4m3fn),
             "u16": torch.tensor([65535], dtype=torch.uint16), "flag": torch.tensor(True), "p": nn.Parameter(torch.tensor([255.0, 0.1]))}
    plain = {"w": base, "view": base[1:, ::2], "half": state["half"]}
    torch.save(plain, TESTS / "data/torch/protocol0.bin", pickle_protocol=0)
    golden("protocol0.bin", "torch-zip", [line(name, tensor) for name, tensor in plain.items()])
    for protocol in (2, 4):
        (TESTS / f"data/torch/pickled{protocol}.pkl").write_bytes(pickle.dumps(state, protocol))
        golden(f"pickled{protocol}.pkl", "torch-legacy", [line(name, tensor) for name, tensor in state.items()])


class Whole(torch.Tensor):
    """A wrapper whose one attribute is the tensor."""

    @staticmethod
    def __new__(cls, inner):
        return torch.Tensor._make_wrapper_subclass(cls, inner.shape, dtype=inner.dtype)

    def __init__(self, inner):
        self.inner = inner

    @classmethod
    def __torch_dispatch__(cls, function, types, arguments=(), keywords=None):
        raise NotImplementedError


class Parts(Whole):
    """A wrapper that would compute its values."""

    @staticmethod
    def __new__(cls, codes, scale):
        return torch.Tensor._make_wrapper_subclass(cls, codes.shape, dtype=torch.bfloat16)

    def __init__(self, codes, scale):
        self.codes = codes
        self.scale = Whole(scale)


def subclasses():
    from torch.distributed import destroy_process_group, init_process_group
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.tensor import Shard, distribute_tensor

    base = torch.arange(6, dtype=torch.float32).reshape(2, 3)
    with tempfile.TemporaryDirectory() as folder:
        init_process_group("gloo", init_method=f"file://{folder}/init", rank=0, world_size=1)
        spread = distribute_tensor(base, init_device_mesh("cpu", (1,)), [Shard(0)])
        nested = torch.nested.nested_tensor([torch.ones(2, 2), torch.zeros(3, 2)])
        jagged = torch.nested.nested_tensor([torch.ones(2, 2), torch.zeros(3, 2)], layout=torch.jagged)
        state = collections.OrderedDict(spread=spread, whole=Whole(base), parts=Parts(torch.ones(2, 3, dtype=torch.uint8), torch.ones(2)), nested=nested, jagged=jagged, plain=base)
        torch.save(state, TESTS / "data/torch/subclasses.bin")
        destroy_process_group()
    elements = torch.cat([torch.ones(4), torch.zeros(6)])
    golden("subclasses.bin", "torch-zip", [line("spread", base), line("whole", base), line("parts", torch.empty(2, 3, dtype=torch.bfloat16), False), line("nested", elements),
                                           line("jagged._values", elements.reshape(5, 2)), line("jagged._offsets", torch.tensor([0, 2, 5])),
                                           *(line(f"jagged._metadata_cache.{key}", value) for key, value in jagged._metadata_cache.items()), line("plain", base)])


class Exported(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(2, 3)
        self.register_buffer("shift", torch.arange(3.0))
        self.register_buffer("unsaved", torch.full((3,), 0.5), persistent=False)

    def forward(self, x):
        return self.linear(x) + self.shift * self.unsaved


def exported():
    from torch._export.serde.serialize import serialize

    torch.manual_seed(1)
    program = torch.export.export(Exported(), (torch.zeros(1, 2),))
    for node in program.graph.nodes:
        node.meta.pop("stack_trace", None)  # paths of this machine
    parts = serialize(program)
    expected = [line(name, tensor) for name, tensor in [*program.state_dict.items(), *program.constants.items()]]
    with zipfile.ZipFile(TESTS / "data/torch/export_2_6.pt2", "w") as archive:
        for name, content in [("serialized_exported_program.json", parts.exported_program), ("serialized_state_dict.pt", parts.state_dict), ("serialized_constants.pt", parts.constants),
                              ("serialized_example_inputs.pt", parts.example_inputs), ("version", "8.2")]:
            archive.writestr(zipfile.ZipInfo(name), content)
    writer = torch._C.PyTorchFileWriter(str(TESTS / "data/torch/export_2_8.pt2"))
    for name, content in [("archive_format", b"pt2"), ("models/model.json", parts.exported_program), ("data/weights/model.pt", parts.state_dict), ("data/constants/model.pt", parts.constants),
                          ("data/sample_inputs/model.pt", parts.example_inputs), ("archive_version", b"0")]:
        writer.write_record(name, content, len(content))
    writer.write_end_of_file()
    for file in ("export_2_6.pt2", "export_2_8.pt2"):
        golden(file, "torch-export", expected)


if __name__ == "__main__":
    pickled()
    subclasses()
    exported()
