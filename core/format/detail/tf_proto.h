// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/checkpoint/checkpoint.h"
#include "core/format/detail/wire.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The protobuf messages that all files of TensorFlow share: types, shapes, slices and tensors.
/// https://github.com/tensorflow/tensorflow/tree/master/tensorflow/core/framework (types.proto, tensor_shape.proto, tensor_slice.proto, tensor.proto)
namespace weighbridge {

/// A DataType of TensorFlow: ours, and its own name where we have none.
struct TfType {
    DType dtype = DType::Unknown;
    std::string_view name;
};
/// Nothing for numbers that TensorFlow does not define.
std::optional<TfType> tfType(uint64_t number);

/// A box of a tensor; length -1: the whole dimension.
struct TfSlice {
    std::vector<int64_t> start;
    std::vector<int64_t> length;
    [[nodiscard]] bool isFull() const;
};

/// TensorShapeProto; sizes are not judged. Errors: of the wire, and resource-bomb for too many dimensions.
Result<Shape> readTfShape(const ByteSource& source, const WireField& field);
/// TensorSliceProto.
Result<TfSlice> readTfSlice(const ByteSource& source, const WireField& field);
/// The piece that a slice of a tensor is, without a storage; nothing if it is not inside the shape.
std::optional<TensorPiece> pieceOf(const TfSlice& slice, const Shape& shape);
/// The key under which a table holds a slice of a tensor: name and slice in TensorFlow's order-preserving code.
/// https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/saved_tensor_slice_util.cc
std::string tfSliceKey(std::string_view name, const TfSlice& slice);

/// Sets dtype and shape of a tensor. Errors: bad-dtype, bad-shape (negative, overflow).
Result<void> setTfType(TensorInfo& tensor, uint64_t type, Shape shape, uint64_t offset);

/// A TensorProto: its own header, and where its values lie.
struct TfTensorProto {
    uint64_t type = 0;
    Shape shape;
    std::optional<WireField> content; ///< tensor_content: the elements as they are
    std::vector<WireField> values;    ///< float_val, int_val ...: chunks of one repeated field
};
Result<TfTensorProto> readTensorProto(const ByteSource& source, const WireField& field);

/// Lays the values of a proto under a tensor whose dtype and shape are set: in the file where they lie there as they are, else in
/// `inlineStorages`. TensorFlow leaves out what repeats the last value. Errors: bad-shape, resource-bomb, bad-dtype.
Result<void> placeTfValues(TensorInfo& tensor, const TfTensorProto& proto, const ByteSource& source, std::vector<std::vector<std::byte>>& inlineStorages);

} // namespace weighbridge
