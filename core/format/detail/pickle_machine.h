// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/format/detail/pickle.h"
#include "core/format/detail/pickle_input.h"

#include <unordered_map>

namespace weighbridge {

/// The stack machine behind Pickle::parse(): its calls build nodes instead of calling.
class PickleMachine {
public:
    PickleMachine(Pickle& pickle, uint64_t offset, JobContext& job) : m_pickle(pickle), m_input(*pickle.m_source, offset), m_start(offset), m_job(job) {}

    /// Runs up to STOP; the Error that stopped it earlier, if one did.
    std::optional<Error> run();

private:
    void step(uint8_t opcode);
    bool stepValue(uint8_t opcode);
    bool stepText(uint8_t opcode);
    bool stepContainer(uint8_t opcode);
    bool stepObject(uint8_t opcode);
    void fail(std::string rule, std::string message);

    // the stack
    PickleId pop();
    PickleId top();
    void push(PickleId id) { m_stack.push_back(id); }
    void pushNode(PickleNode node);
    void mark() { m_marks.push_back(m_stack.size()); }
    std::vector<PickleId> popMark();
    void put(uint64_t index);
    void get(uint64_t index);
    uint64_t lineIndex();

    // values
    void pushInteger(int64_t value, PickleKind kind = PickleKind::Int);
    void pushReal(double value);
    void pushDigits(std::string digits);
    void pushLong(uint64_t nbytes);
    void pushText(PickleKind kind, uint64_t nbytes);
    void pushHeld(PickleKind kind, std::string_view text, uint64_t offset);
    void quotedLine();
    const char* hold(std::string_view text);

    // containers and objects
    void pushChildren(PickleKind kind, std::vector<PickleId> children);
    void pushTuple(size_t count);
    std::vector<PickleId>* listOf(PickleId target, bool pairs);
    void append(PickleId target, std::span<const PickleId> items);
    void setItems(PickleId target, std::span<const PickleId> pairs);
    void checkKey(PickleId key);
    void pushGlobal(std::string_view module, std::string_view name);
    void stackGlobal();
    void extension(uint64_t code);
    void pushCall(PickleId callee, std::optional<PickleId> arguments, std::optional<PickleId> keywords = {});
    void build();
    void callMarked(bool calleeIsMarked);

    Pickle& m_pickle;
    PickleInput m_input;
    uint64_t m_start;
    JobContext& m_job;
    uint64_t m_opcodeAt = 0;
    uint8_t m_opcode = 0;
    std::vector<PickleId> m_stack;
    std::vector<size_t> m_marks;
    std::vector<PickleId> m_denseMemo;                   ///< writers number from 0 on
    std::unordered_map<uint64_t, PickleId> m_memo;       ///< whoever does not
    std::unordered_map<std::string, uint32_t> m_globalIndex;
    std::string m_scratch;
    char* m_chunk = nullptr;
    size_t m_chunkLeft = 0;
    uint64_t m_heldNbytes = 0;
    bool m_stopped = false;
};

} // namespace weighbridge
