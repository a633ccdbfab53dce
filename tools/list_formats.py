#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes docs/formats.md: a row for each format of the registry, from its source file and its samples.

    list_formats.py [--check]

The order is that of core/format/CMakeLists.txt; id, title and endings are those of info() in the format's file, the checksum that of core/format/integrity.cpp; "tested with" lists the
writers of its samples in tests/data/formats.json, each of which the contract test opens, cuts at every byte and compares with its golden
listing in tests/golden, and how many tensors those have. --check writes nothing; exit status 1 if the file is not current.
"""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs/formats.md"
HEAD = """<!--
SPDX-FileCopyrightText: The Weighbridge authors
SPDX-License-Identifier: GPL-3.0-or-later
-->

# Formats

Written by `tools/list_formats.py`. The content decides, not the ending. Every format is tested the same way: its samples are opened, cut at every
byte, damaged, shown to the readers of all other formats, and every value is compared with its sha256. A format without a checksum cannot show
that a value was changed.

| id | format | endings | checksum | tested with files of | not read |
| --- | --- | --- | --- | --- | --- |
"""
NOT_READ = {
    "onnx": "values of sparse tensors; constants that are no floats, or scalars",
    "hdf5": "external storage and links, on purpose; filters that are plugins, except LZF",
    "keras-v3": "code in Lambda layers, on purpose",
    "torch-zip": "objects of unknown classes, beyond their names and tensors",
    "torch-legacy": "objects of unknown classes, beyond their names and tensors",
    "torchscript": "the code",
    "torch-export": "the graph; objects of custom classes",
    "torch-dcp": "several chunks that are views; items packed by extensions of the writer; files of the safetensors writer (open them by themselves)",
    "deepspeed-zero": "how the slices of model-parallel ranks fit together: they are listed one after the other; values of buffers, which are named in the metadata",
    "tf-checkpoint": "strings beyond the first hundred of a tensor",
    "tf-savedmodel": "the graph's structure; saved_model.pbtxt",
    "tf-graphdef": "scalars, strings and short lists of whole numbers: they are no weights",
    "tflite": "operators; values of sparse tensors",
    "orbax": "codecs other than zstd, Blosc, gzip, zlib and crc32c; shards inside shards; arrays of strings",
    "deepspeed-universal": "values of the optimizer's states",
    "openvino": "the graph's structure; shapes, axes and scalars; versions before 10",
    "nemo": "weights as a distributed checkpoint; compressed archives",
    "paddle": "arrays that were cut into parts (over 1 GiB)",
    "paddle-inference": "the program",
    "flax-msgpack": "types of ml_dtypes below one byte",
}


def registered():
    text = (ROOT / "core/format/CMakeLists.txt").read_text()
    return re.search(r"registry\(core_format Format\s+(.*?)\)", text, re.DOTALL).group(1).split()


def info(name):
    """id, title and endings of a format, as info() in its file gives them."""
    text = (ROOT / f"core/format/{name}.cpp").read_text()
    found = re.search(r'FormatInfo info\(\) const override \{ return \{"([^"]*)", "([^"]*)", \{([^}]*)\}', text)
    return found.group(1), found.group(2), re.findall(r'"([^"]*)"', found.group(3))


def checksums():
    """What each format notices changed bytes by, from the table in core/format/integrity.cpp."""
    return dict(re.findall(r'Row\{"([^"]*)", "([^"]*)"\}', (ROOT / "core/format/integrity.cpp").read_text()))


def tensors(golden):
    """How many tensors of a sample are compared: the lines of its golden listing that name a dtype, a shape and a sum."""
    lines = (ROOT / f"tests/golden/{golden}.txt").read_text().splitlines()[1:]
    return sum(line.count("  ") >= 3 for line in lines)


def tested(samples):
    """The writers of a format's samples, each with how many tensors they have."""
    counts = {}
    for sample in samples:
        counts[sample["writer"]] = counts.get(sample["writer"], 0) + tensors(sample["golden"])
    return ", ".join(f"{writer} ({listed} tensor{'s' * (listed != 1)})" if listed else writer for writer, listed in counts.items())


def table():
    samples = json.loads((ROOT / "tests/data/formats.json").read_text())
    sums = checksums()
    rows = []
    for name in registered():
        identity, title, endings = info(name)
        cells = [f"`{identity}`", title, " ".join(f"`{ending}`" for ending in endings), sums.get(identity, "none"), tested(samples.get(identity, [])), NOT_READ.get(identity, "")]
        rows.append(f"| {' | '.join(cells)} |\n")
    return HEAD + "".join(rows)


def main():
    text = table()
    if "--check" in sys.argv[1:]:
        if not TARGET.exists() or TARGET.read_text() != text:
            sys.exit("docs/formats.md is not current: run tools/list_formats.py.")
    else:
        TARGET.write_text(text)


if __name__ == "__main__":
    main()
