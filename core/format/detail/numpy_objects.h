// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/value.h"
#include "core/format/detail/pickle.h"
#include "core/tensor/tensor_info.h"

#include <optional>
#include <string>

namespace weighbridge {

/// A numpy dtype as a pickle describes it.
struct NumpyDType {
    DType dtype = DType::Unknown;
    uint64_t nbytes = 0;      ///< of one element; 0 if it has no fixed size (Python objects)
    bool bigEndian = false;
    std::string name;         ///< as numpy writes it: f4, V12, O
};

/// An array inside a pickle, before its bytes are located.
struct NumpyArray {
    NumpyDType dtype;
    Shape shape;
    bool isFortran = false;
    PickleId data = 0;        ///< the value that holds the bytes
};

/// Whether an object is what numpy.ndarray pickles as (_reconstruct with a state, or _frombuffer).
bool isNumpyArray(const Pickle& pickle, PickleId id);
/// Error corrupt, bad-dtype or bad-shape with the byte in the pickle.
Result<NumpyArray> numpyArray(const Pickle& pickle, PickleId id);
/// The number of a numpy scalar (numpy.core.multiarray.scalar); nothing if `id` is none, or of a type that has no number.
std::optional<Value> numpyScalar(const Pickle& pickle, PickleId id);
/// The bytes of a value in any of the ways that pickles write bytes: bytes, Python 2's str, _codecs.encode(text, 'latin1'), bytearray.
Result<std::vector<std::byte>> pickledBytes(const Pickle& pickle, PickleId id);
/// The sizes of a tuple, a list or a torch.Size; nothing if one is not a number.
std::optional<Shape> pickledSizes(const Pickle& pickle, PickleId id);
/// The arguments of an object's call; empty if there are none.
std::span<const PickleId> argumentsOf(const Pickle& pickle, PickleId id);

} // namespace weighbridge
