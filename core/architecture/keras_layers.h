// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/architecture/expression.h"
#include "core/tensor/shape.h"

#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

/// One weight of a Keras layer.
struct KerasWeight {
    std::string path;         ///< from the layer to the variables' owner, as Keras 3 saves it: "cell", "forward_layer/cell"; empty: the layer itself
    std::string scope;        ///< the same as it stands in the names of .h5 files: "lstm_cell"
    std::string leaf;         ///< "kernel"
    Shape shape;              ///< -1: a size that the config leaves open
    bool isShapeKnown = true; ///< false: not even the number of dimensions follows
    bool isTrained = true;
};

struct KerasLayer {
    std::vector<KerasWeight> weights;
    Value output;        ///< the output's shape, null where it is not known
    std::string unknown; ///< class of a layer whose weights are not known: the layer itself or one inside it; empty: all are known
};

/// The weights of layers by their class and config. resources/keras/layers.json says what each class has: an entry there makes a layer known.
class KerasLayers {
public:
    /// Error architecture-syntax or not-found: the program's own file is not usable.
    static Result<KerasLayers> load();

    /// `inputs`: the shapes of the inputs where they are known, lists with null for open sizes; a layer's own build_config comes before them.
    [[nodiscard]] KerasLayer layer(const Value& serialized, const Value::List& inputs) const { return layer(serialized, inputs, 0); }

    /// What Keras 3 calls a layer's group, after its class: "multi_head_attention".
    [[nodiscard]] std::string groupOf(const Value& serialized) const;

private:
    [[nodiscard]] KerasLayer layer(const Value& serialized, const Value::List& inputs, size_t depth) const;
    [[nodiscard]] const Value* kindOf(const std::string& className) const;
    void addWeights(const Value& kind, const Value& config, KerasLayer& out) const;
    void addWrapped(const Value& kind, const Value& serialized, Value& config, size_t depth, KerasLayer& out) const;
    void addCells(const Value& kind, const Value& serialized, const Value& config, size_t depth, KerasLayer& out) const;

    Value m_kinds;
};

/// The class of a serialized layer, "Dense", if it is one of Keras itself; empty for one that somebody registered.
[[nodiscard]] std::string kerasClassOf(const Value& serialized);
/// "MultiHeadAttention" as "multi_head_attention": how Keras 3 names groups.
[[nodiscard]] std::string kerasSnakeCase(std::string_view className);

} // namespace weighbridge
