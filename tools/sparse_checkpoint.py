# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checkpoints that stand for real ones where only names and shapes count."""
import json
import math

NBYTES_AT_MOST = 1 << 40  # of one sparse file


def write_sparse(path, checkpoint):
    """A safetensors file of {name: shape} whose values are a hole; False if they would be too many."""
    header, end = {}, 0
    for name, shape in checkpoint.items():
        start, end = end, end + 4 * math.prod(shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [start, end]}
    if end > NBYTES_AT_MOST:
        return False
    text = json.dumps(header).encode()
    with open(path, "wb") as out:
        out.write(len(text).to_bytes(8, "little") + text)
        out.truncate(8 + len(text) + end)
    return True
