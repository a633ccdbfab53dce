#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tests/data/zarr and tests/data/torch/zero3_frozen, zero2_parallel: files that no library at hand writes, to their readers' rules; and
tests/data/hdf5/lzf.h5 and large.*, tests/data/gguf/split and tests/data/tensorflow/v1_parts.

    make_format_data.py [OUT]

Needs gguf, h5py, numpy, tensorflow and torch. The samples of Orbax in tests/data/zarr were written by Orbax itself and are left alone.
"""
import base64
import collections
import gzip
import json
import pathlib
import struct
import sys
import tempfile
import zipfile
import zlib

import h5py
import numpy as np
import torch

OUT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent / "tests/data")


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def chunks_of(array, chunk, fill):
    """Index and padded elements of each chunk, in row-major order."""
    grid = [-(-size // step) for size, step in zip(array.shape, chunk)]
    for index in np.ndindex(*grid):
        out = np.full(chunk, fill, array.dtype)
        part = array[tuple(slice(i * step, (i + 1) * step) for i, step in zip(index, chunk))]
        out[tuple(slice(0, size) for size in part.shape)] = part
        yield index, out


def write_zarr2(folder, array, chunk, compressor=None, order="C", separator=".", fill=0, skip=()):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".zarray").write_text(json.dumps({
        "chunks": chunk, "compressor": compressor, "dimension_separator": separator, "dtype": array.dtype.str, "fill_value": fill, "filters": None,
        "order": order, "shape": array.shape, "zarr_format": 2}))
    for index, part in chunks_of(array, chunk, fill):
        if index in skip:
            continue
        data = part.tobytes(order=order)
        path = folder / (separator.join(map(str, index)) or "0")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(data, mtime=0) if compressor else data)


def write_zarr3(folder, array, shard, chunk, skip=()):
    """Shards of chunks with their index at the end, each chunk with its checksum."""
    folder.mkdir(parents=True, exist_ok=True)
    little = {"name": "bytes", "configuration": {"endian": "little"}}
    (folder / "zarr.json").write_text(json.dumps({
        "zarr_format": 3, "node_type": "array", "shape": array.shape, "data_type": array.dtype.name, "fill_value": 0, "attributes": {},
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": shard}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "codecs": [{"name": "sharding_indexed", "configuration": {
            "chunk_shape": chunk, "codecs": [little, {"name": "gzip", "configuration": {"level": 5}}, {"name": "crc32c"}],
            "index_codecs": [little, {"name": "crc32c"}], "index_location": "end"}}]}))
    for index, part in chunks_of(array, shard, 0):
        data, places = b"", b""
        for inner, values in chunks_of(part, chunk, 0):
            if (index, inner) in skip:
                places += struct.pack("<QQ", 2**64 - 1, 2**64 - 1)
                continue
            packed = gzip.compress(values.tobytes(), mtime=0)
            packed += struct.pack("<I", crc32c(packed))
            places += struct.pack("<QQ", len(data), len(packed))
            data += packed
        path = folder / "c" / "/".join(map(str, index))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data + places + struct.pack("<I", crc32c(places)))


def zarr(out):
    values = np.arange(7 * 10, dtype="<f4").reshape(7, 10)
    write_zarr2(out / "plain" / "target" / "edge", values, [3, 4])
    write_zarr2(out / "plain" / "target" / "fortran", values, [3, 4], order="F", separator="/")
    write_zarr2(out / "plain" / "target" / "packed", values.astype(">i4"), [7, 5], {"id": "gzip", "level": 1})
    write_zarr2(out / "plain" / "filled", np.where(np.arange(8) < 4, 1.5, np.arange(8)).astype("<f8"), [4], fill=1.5, skip={(0,)})
    write_zarr2(out / "plain" / "scalar", np.array(3, "<i8"), [])
    (out / "plain" / ".zgroup").write_text('{"zarr_format": 2}')
    write_zarr3(out / "sharded" / "w", np.arange(10 * 12, dtype="<i2").reshape(10, 12), [8, 8], [4, 4], skip={((1, 1), (1, 1))})
    (out / "sharded" / "zarr.json").write_text('{"zarr_format": 3, "node_type": "group", "attributes": {}}')


def zero3_frozen(folder):
    """Two processes of stage 3: a trained matrix in partitions, a frozen one in fragments, a buffer whole."""
    folder.mkdir(parents=True, exist_ok=True)
    trained = torch.arange(6 * 5, dtype=torch.float32).reshape(6, 5)
    frozen = -torch.arange(4 * 3, dtype=torch.float32).reshape(4, 3)
    for rank in range(2):
        model = {
            "module": {"norm.running_mean": torch.tensor([1.0, 2.0, 3.0])},
            "buffer_names": ["norm.running_mean"],
            "param_shapes": [collections.OrderedDict([("layer.weight", trained.shape)])],
            "frozen_param_shapes": collections.OrderedDict([("embed.weight", frozen.shape)]),
            "frozen_param_fragments": {"embed.weight": frozen.flatten().chunk(2)[rank].clone()},
            "shared_params": {"head.weight": "embed.weight"},
            "ds_version": "0.14.0",
        }
        torch.save(model, folder / f"zero_pp_rank_{rank}_mp_rank_00_model_states.pt")
        state = {"optimizer_state_dict": {"zero_stage": 3, "partition_count": 2, "fp32_flat_groups": [trained.flatten().chunk(2)[rank].clone()]}}
        torch.save(state, folder / f"zero_pp_rank_{rank}_mp_rank_00_optim_states.pt")


def zero2_parallel(folder):
    """One data-parallel process each of two model-parallel ranks."""
    folder.mkdir(parents=True, exist_ok=True)
    for rank in range(2):
        part = torch.arange(6, dtype=torch.float32).reshape(2, 3) + 100 * rank
        model = {"module": {}, "buffer_names": [], "param_shapes": [collections.OrderedDict([("layer.weight", part.shape)])], "ds_version": "0.14.0"}
        torch.save(model, folder / f"mp_rank_0{rank}_model_states.pt")
        state = {"optimizer_state_dict": {"zero_stage": 2, "partition_count": 1, "single_partition_of_fp32_groups": [part.flatten()]}}
        torch.save(state, folder / f"zero_pp_rank_0_mp_rank_0{rank}_optim_states.pt")


def lzf(path):
    values = np.arange(1200).reshape(40, 30)
    with h5py.File(path, "w") as file:
        file.create_dataset("packed", data=(values % 7 + 0.5).astype("f4"), chunks=(20, 30), compression="lzf")
        file.create_dataset("shuffled", data=(values % 11).astype("f8"), chunks=(20, 30), compression="lzf", shuffle=True, fletcher32=True)


def extents(path, out):
    """What is not zero of a large file, in pages: {"nbytes", "extents": [[offset, base64 of qCompress()]...]}."""
    data, page = path.read_bytes(), 4096
    kept = [at for at in range(0, len(data), page) if any(data[at:at + page])]
    out.write_text(json.dumps({"nbytes": len(data), "extents": [
        [at, base64.b64encode(struct.pack(">I", len(data[at:at + page])) + zlib.compress(data[at:at + page], 9)).decode()] for at in kept]}, separators=(",", ":")) + "\n")


def large(folder):
    """An HDF5 file and a .keras archive of it with 24 raw matrices of 4 MiB and a packed one; nearly all zeros."""
    with tempfile.TemporaryDirectory() as place:
        weights = pathlib.Path(place) / "model.weights.h5"
        with h5py.File(weights, "w") as file:
            for i in range(24):
                matrix = np.zeros((1024, 1024), np.float32)
                matrix[0, :8] = np.arange(1, 9) * (i + 1)
                file.create_dataset(f"layers/dense_{i}/vars/0", data=matrix)
            file.create_dataset("layers/packed/vars/0", data=np.resize(np.arange(96, dtype=np.float32), (1024, 1024)), chunks=(64, 1024), compression="gzip")
        extents(weights, folder / "large.weights.h5.extents")
        archive = pathlib.Path(place) / "large.keras"
        with zipfile.ZipFile(archive, "w") as file:
            for name, text in ("metadata.json", {"keras_version": "3.0.0"}), ("config.json", {"module": "keras", "class_name": "Sequential", "config": {"name": "large", "layers": []}}):
                file.writestr(zipfile.ZipInfo(name), json.dumps(text))
            file.writestr(zipfile.ZipInfo("model.weights.h5"), weights.read_bytes())
        extents(archive, folder / "large.keras.extents")


def gguf_split(folder):
    """Three tensors in two parts."""
    import gguf

    folder.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(str(folder / "m.gguf"), "llama", split_max_tensors=2)
    for i in range(3):
        writer.add_tensor(f"t{i}", np.arange(4, dtype="<f4") + i)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def tensorflow_v1_parts(folder):
    """A sharded save in the old form: two files, a variable in each, and one that is partitioned over both."""
    import tensorflow as tf

    v1 = tf.compat.v1
    folder.mkdir(parents=True, exist_ok=True)
    with tf.Graph().as_default():
        for device in range(2):
            with tf.device(f"/cpu:{device}"):
                v1.get_variable(f"v{device}", initializer=tf.constant(np.arange(6, dtype="<f4").reshape(2, 3) + device), use_resource=False)
                v1.get_variable(f"table/part_{device}", initializer=tf.constant(np.arange(8, dtype="<f4").reshape(2, 4) + 8 * device), use_resource=False)
        parts = v1.global_variables()
        for device in range(2):
            slice_info = v1.Variable.SaveSliceInfo("table", [4, 4], [2 * device, 0], [2, 4])
            next(part for part in parts if part.op.name == f"table/part_{device}")._set_save_slice_info(slice_info)
        saver = v1.train.Saver(sharded=True, write_version=v1.train.SaverDef.V1)
        with v1.Session(config=v1.ConfigProto(device_count={"CPU": 2})) as session:
            session.run(v1.global_variables_initializer())
            saver.save(session, str(folder / "m.ckpt"), global_step=7, write_meta_graph=False)
    names = folder / "checkpoint"
    names.write_text(names.read_text().replace(f"{folder}/", ""))


if __name__ == "__main__":
    gguf_split(OUT / "gguf/split")
    tensorflow_v1_parts(OUT / "tensorflow/v1_parts")
    lzf(OUT / "hdf5/lzf.h5")
    large(OUT / "hdf5")
    zarr(OUT / "zarr")
    zero3_frozen(OUT / "torch/zero3_frozen")
    zero2_parallel(OUT / "torch/zero2_parallel")
