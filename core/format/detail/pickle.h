// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/byte_source.h"
#include "core/base/job_context.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

enum class PickleKind : uint8_t {
    None, Bool, Int,
    BigInt,      ///< text: two's complement, little-endian
    BigDecimal,  ///< text: the digits (protocol 0)
    Float,
    Text,        ///< UTF-8
    Bytes,       ///< bytes, bytearray, and the byte strings of Python 2
    List, Tuple, Set, FrozenSet,
    Dict,        ///< children: key, value, key, value ...
    Global,      ///< a class or function by name: never looked up, never called
    Object,      ///< what a call of a Global (or of an Object) would give
    Persistent,  ///< a persistent id: one child
};

using PickleId = uint32_t;

/// One value. Children and texts are reached through Pickle.
struct PickleNode {
    PickleKind kind = PickleKind::None;
    uint32_t extra = UINT32_MAX;   ///< index of the list of children, of the object or of the global; UINT32_MAX: none
    uint64_t length = 0;           ///< bytes of texts, children of tuples
    uint64_t offset = 0;           ///< in the source: of a text's first byte, else of the opcode
    union {
        int64_t integer = 0;
        double real;
        const char* text;          ///< null if the text is longer than Pickle::heldNbytes: then it is only in the source
    };
};

/// What a call would give, as data: the callee, its arguments, and what was put in afterwards.
struct PickleObject {
    PickleId callee = 0;
    std::optional<PickleId> arguments; ///< a tuple, as the file says (it may be anything)
    std::optional<PickleId> keywords;  ///< NEWOBJ_EX
    std::optional<PickleId> state;     ///< BUILD
    std::vector<PickleId> items;       ///< APPENDS, ADDITEMS
    std::vector<PickleId> pairs;       ///< SETITEMS: key, value, key, value ...
};

/// A global that the pickle names, once each.
struct PickleGlobal {
    std::string module;
    std::string name;
    uint64_t offset = 0;       ///< of the first opcode that names it
    bool isCalled = false;     ///< by REDUCE, INST, OBJ, NEWOBJ, or as the target of BUILD
};

/// A pickle as inert data, protocols 0 to 5. Nothing is imported, looked up or executed; no recursion, no hashing of values,
/// no allocation from a declared length. https://github.com/python/cpython/blob/main/Lib/pickletools.py describes the opcodes.
class Pickle {
public:
    static constexpr uint64_t heldNbytes = 65536;

    /// Reads one pickle from `offset` up to its STOP. Errors: truncated, corrupt, resource-bomb, unsupported-version, empty, cancelled.
    static Result<Pickle> parse(SourcePtr source, uint64_t offset, JobContext& job);
    /// The same, but keeps what was met before an Error, so that globals in front of a broken opcode are seen.
    static Pickle parsePart(SourcePtr source, uint64_t offset, JobContext& job, std::optional<Error>& error);

    [[nodiscard]] PickleId root() const { return m_root; }
    [[nodiscard]] uint64_t end() const { return m_end; }     ///< byte after STOP, in the source
    [[nodiscard]] int protocol() const { return m_protocol; }
    [[nodiscard]] size_t size() const { return m_nodes.size(); }
    [[nodiscard]] size_t leftOnStack() const { return m_leftOnStack; } ///< values below the result: no writer leaves any
    [[nodiscard]] const std::vector<PickleGlobal>& globals() const { return m_globals; }
    [[nodiscard]] const SourcePtr& source() const { return m_source; }

    [[nodiscard]] const PickleNode& operator[](PickleId id) const { return m_nodes[id]; }
    [[nodiscard]] PickleKind kind(PickleId id) const { return m_nodes[id].kind; }
    /// Elements of a list, tuple or set; keys and values of a dict by turns; the id of a Persistent. Empty for others.
    [[nodiscard]] std::span<const PickleId> children(PickleId id) const;
    /// Only for kind Object.
    [[nodiscard]] const PickleObject& object(PickleId id) const { return m_objects[m_nodes[id].extra]; }
    [[nodiscard]] const PickleGlobal* global(PickleId id) const; ///< null unless kind Global
    /// Of an Object: the Global that it calls, else null.
    [[nodiscard]] const PickleGlobal* calleeOf(PickleId id) const;
    [[nodiscard]] std::optional<int64_t> integer(PickleId id) const; ///< Int and Bool
    /// Text and Bytes up to heldNbytes; nothing for others.
    [[nodiscard]] std::optional<std::string_view> text(PickleId id) const;
    /// Text and Bytes of any length, read from the source if needed. Error resource-bomb beyond `maximum`.
    [[nodiscard]] Result<std::vector<std::byte>> content(PickleId id, uint64_t maximum) const;

private:
    friend class PickleMachine;
    Pickle() = default;

    SourcePtr m_source;
    std::vector<PickleNode> m_nodes;
    std::vector<std::vector<PickleId>> m_lists;
    std::vector<PickleObject> m_objects;
    std::vector<PickleGlobal> m_globals;
    std::vector<std::unique_ptr<char[]>> m_texts;
    PickleId m_root = 0;
    uint64_t m_end = 0;
    int m_protocol = 0;
    size_t m_leftOnStack = 0;
};

} // namespace weighbridge
