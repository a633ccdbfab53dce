// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/value.h"
#include "core/format/detail/pickle.h"
#include "core/format/detail/torch_dtypes.h"
#include "core/tensor/tensor_info.h"

#include <optional>
#include <string>
#include <unordered_map>

namespace weighbridge {

/// A storage that a persistent id names.
struct TorchStorage {
    TorchDType type;
    Storage where;
};

/// Where a file keeps what its pickle refers to by persistent ids; one per kind of file.
class TorchStorages {
public:
    virtual ~TorchStorages() = default;
    /// The storage of a Persistent node. Errors: corrupt, truncated, bad-dtype, bad-shape, path-traversal.
    [[nodiscard]] virtual Result<TorchStorage> storage(const Pickle& pickle, PickleId persistent) const = 0;
    /// Files from before 2017 have ids of whole tensors: without a name; nothing if the id is none.
    [[nodiscard]] virtual std::optional<TensorInfo> tensor(const Pickle&, PickleId) const { return std::nullopt; }
    /// Where bytes of the pickle itself lie in the shard, if they lie there as they are.
    [[nodiscard]] virtual std::optional<Storage> pickleBytes(uint64_t, uint64_t) const { return std::nullopt; }
};

/// The parts of a storage's persistent id: ('storage', class, key, location, elements[, view]).
struct StorageId {
    TorchDType type;
    std::string key;
    std::string location;
    uint64_t nbytes = 0;
    std::optional<uint64_t> viewOffset; ///< legacy files: first byte of a part of the storage
    uint64_t viewNbytes = 0;
};
Result<StorageId> storageIdOf(const Pickle& pickle, PickleId persistent);
/// A key as text, whatever the writer made it of (numbers in old files); nothing for values that are no key.
std::optional<std::string> pickledKey(const Pickle& pickle, PickleId id);

/// Why shape, strides and offset do not fit a storage: bad-shape if they leave it (or are negative), resource-bomb if they repeat few bytes
/// beyond the limits; nothing if all is well. `tensor` has its shape, strides, offset and storage.
std::optional<Error> reachProblem(const TensorInfo& tensor, uint64_t elementNbytes);

/// Turns the objects by which PyTorch and numpy pickle tensors into TensorInfo: _rebuild_tensor_v2 and its siblings, parameters,
/// subclasses, quantized, sparse, nested and meta tensors, numpy arrays.
class TorchTensors {
public:
    TorchTensors(const Pickle& pickle, const TorchStorages& storages, std::vector<std::vector<std::byte>>& inlineStorages)
        : m_pickle(pickle), m_storages(storages), m_inlineStorages(inlineStorages)
    {
    }
    [[nodiscard]] bool isTensor(PickleId id) const;
    /// Errors name the tensor: bad-shape, bad-dtype, resource-bomb, corrupt and those of the storages.
    Result<TensorInfo> build(PickleId id, const std::string& name);
    /// Quantization parameters, sparse components and the tensors inside wrapper subclasses by tensor name: {} if there are none.
    [[nodiscard]] const Value::Map& details() const { return m_details; }

private:
    struct Call {
        std::string_view function;
        std::span<const PickleId> arguments;
        PickleId id = 0;
        std::optional<PickleId> state; ///< attributes of a subclass
    };
    /// A tensor inside a wrapper subclass, named by the attributes that lead to it.
    struct InnerTensor {
        std::string name;
        PickleId id = 0;
    };
    [[nodiscard]] std::optional<Call> callOf(PickleId id) const;
    [[nodiscard]] Result<Call> unwrapped(PickleId id) const;
    Result<TensorInfo> buildUnnamed(PickleId id);
    Result<TensorInfo> dense(const Call& call);
    Result<TensorInfo> strided(PickleId id, PickleId storage, PickleId offset, PickleId size, PickleId stride, std::optional<TorchDType> type);
    Result<TorchStorage> pickledStorage(PickleId id);
    Result<TensorInfo> quantized(const Call& call);
    Result<TensorInfo> sparse(const Call& call);
    Result<TensorInfo> nested(const Call& call);
    Result<TensorInfo> wrapper(const Call& call);
    [[nodiscard]] std::vector<InnerTensor> innerTensors(const Call& call) const;
    Result<TensorInfo> withoutValues(PickleId id, PickleId dtype, PickleId size);
    Result<TensorInfo> array(PickleId id);
    [[nodiscard]] std::optional<PickleId> dataOfParameter(PickleId id) const;
    [[nodiscard]] Result<TorchDType> dtypeOf(PickleId id) const;
    [[nodiscard]] Error broken(PickleId id, std::string rule, std::string message) const;
    void applyMathBits(TensorInfo& tensor, std::span<const PickleId> arguments, size_t index) const;
    [[nodiscard]] std::string layoutOf(PickleId id) const;

    const Pickle& m_pickle;
    const TorchStorages& m_storages;
    std::vector<std::vector<std::byte>>& m_inlineStorages;
    std::unordered_map<PickleId, TorchStorage> m_pickledStorages;
    Value::Map m_details;
    Value::Map m_detail; ///< of the tensor that is being built
};

} // namespace weighbridge
