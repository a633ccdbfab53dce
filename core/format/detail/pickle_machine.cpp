// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Opcodes: https://github.com/python/cpython/blob/main/Lib/pickletools.py; protocols: PEP 307, 3154, 574.
#include "core/format/detail/pickle_machine.h"

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/format/detail/pickle_text.h"

#include <fmt/format.h>

#include <charconv>

namespace weighbridge {
namespace {

constexpr size_t maximumDigits = 4300;                 // what Python itself converts (sys.get_int_max_str_digits)
constexpr size_t maximumLine = 16 * limits::MiB;
constexpr uint64_t maximumHeld = 512 * limits::MiB;
constexpr size_t chunkNbytes = 64 * 1024;

} // namespace

void PickleMachine::fail(std::string rule, std::string message)
{
    m_input.fail(Error(std::move(rule), fmt::format("{} (opcode {:#04x} at byte {} of the pickle)", message, m_opcode, m_opcodeAt - m_start))
                     .atByte(m_opcodeAt).fixedBy("Download or copy the file again; if it stays, the file was not written by pickle."));
}

std::optional<Error> PickleMachine::run()
{
    if (m_input.remaining() == 0)
        return Error("empty", "The pickle is empty: it has 0 bytes.").at(m_pickle.m_source->path()).atByte(m_start);
    uint64_t steps = 0;
    while (!m_stopped) {
        m_opcodeAt = m_input.offset();
        m_opcode = m_input.byte();
        if (!m_input.error())
            step(m_opcode);
        if (m_input.error())
            return m_input.error();
        if (++steps > limits::pickleOpcodes || m_pickle.m_nodes.size() > limits::pickleObjects)
            fail("resource-bomb", fmt::format("The pickle is too large: it is beyond the limit of {} operations or {} objects.", limits::pickleOpcodes, limits::pickleObjects));
        if (steps % 65536 == 0 && m_job.cancelled())
            return cancelledError();
    }
    if (m_input.error())
        return m_input.error();
    m_pickle.m_end = m_input.offset();
    return std::nullopt;
}

void PickleMachine::step(uint8_t opcode)
{
    if (!stepValue(opcode) && !stepText(opcode) && !stepContainer(opcode) && !stepObject(opcode))
        fail("corrupt", "The pickle is damaged: there is no such operation.");
}

bool PickleMachine::stepValue(uint8_t opcode)
{
    switch (opcode) {
    case 'N': pushNode({.kind = PickleKind::None}); return true;
    case 0x88: pushInteger(1, PickleKind::Bool); return true;
    case 0x89: pushInteger(0, PickleKind::Bool); return true;
    case 'J': pushInteger(static_cast<int32_t>(m_input.little(4))); return true;
    case 'K': pushInteger(m_input.byte()); return true;
    case 'M': pushInteger(static_cast<int64_t>(m_input.little(2))); return true;
    case 'G': pushReal(m_input.bigDouble()); return true;
    case 0x8a: pushLong(m_input.byte()); return true;
    case 0x8b: {
        const auto count = static_cast<int32_t>(m_input.little(4));
        if (count < 0)
            fail("corrupt", fmt::format("A number of the pickle has the negative length {}.", count));
        else
            pushLong(static_cast<uint64_t>(count));
        return true;
    }
    case 'I': {
        const std::string digits = m_input.line(maximumLine);
        if (digits == "00" || digits == "01")
            pushInteger(digits == "01", PickleKind::Bool);
        else
            pushDigits(digits);
        return true;
    }
    case 'L': pushDigits(m_input.line(maximumLine)); return true;
    case 'F': {
        const std::string digits = m_input.line(64);
        double value = 0;
        const char* begin = digits.data() + (digits.starts_with('+') ? 1 : 0);
        const auto parsed = std::from_chars(begin, digits.data() + digits.size(), value);
        if (parsed.ptr != digits.data() + digits.size() || (parsed.ec != std::errc() && parsed.ec != std::errc::result_out_of_range))
            fail("corrupt", "A number of the pickle is not a number.");
        pushReal(value);
        return true;
    }
    default: return false;
    }
}

bool PickleMachine::stepText(uint8_t opcode)
{
    switch (opcode) {
    case 'X': pushText(PickleKind::Text, m_input.little(4)); return true;
    case 0x8c: pushText(PickleKind::Text, m_input.byte()); return true;
    case 0x8d: pushText(PickleKind::Text, m_input.little(8)); return true;
    case 'B': pushText(PickleKind::Bytes, m_input.little(4)); return true;
    case 'C': pushText(PickleKind::Bytes, m_input.byte()); return true;
    case 'U': pushText(PickleKind::Bytes, m_input.byte()); return true;
    case 0x8e: pushText(PickleKind::Bytes, m_input.little(8)); return true;
    case 0x96: pushText(PickleKind::Bytes, m_input.little(8)); return true;
    case 'T': {
        const auto count = static_cast<int32_t>(m_input.little(4));
        if (count < 0)
            fail("corrupt", fmt::format("A text of the pickle has the negative length {}.", count));
        else
            pushText(PickleKind::Bytes, static_cast<uint64_t>(count));
        return true;
    }
    case 'S': quotedLine(); return true;
    case 'V': {
        const uint64_t at = m_input.offset();
        pushHeld(PickleKind::Text, decodeRawUnicodeEscape(m_input.line(maximumLine)), at);
        return true;
    }
    default: return false;
    }
}

bool PickleMachine::stepContainer(uint8_t opcode)
{
    switch (opcode) {
    case '(': mark(); return true;
    case '0':
        if (!m_marks.empty() && m_marks.back() == m_stack.size())
            m_marks.pop_back(); // POP takes a MARK too, as Python's reader does
        else
            pop();
        return true;
    case '1': popMark(); return true;
    case '2': push(top()); return true;
    case ']': pushNode({.kind = PickleKind::List}); return true;
    case '}': pushNode({.kind = PickleKind::Dict}); return true;
    case ')': pushNode({.kind = PickleKind::Tuple}); return true;
    case 0x8f: pushNode({.kind = PickleKind::Set}); return true;
    case 'l': pushChildren(PickleKind::List, popMark()); return true;
    case 't': pushChildren(PickleKind::Tuple, popMark()); return true;
    case 0x91: pushChildren(PickleKind::FrozenSet, popMark()); return true;
    case 0x85: pushTuple(1); return true;
    case 0x86: pushTuple(2); return true;
    case 0x87: pushTuple(3); return true;
    case 'd': {
        const auto pairs = popMark();
        pushNode({.kind = PickleKind::Dict});
        setItems(top(), pairs);
        return true;
    }
    case 'a': {
        const PickleId item = pop();
        append(top(), {&item, 1});
        return true;
    }
    case 'e':
    case 0x90: {
        const auto items = popMark();
        append(top(), items);
        return true;
    }
    case 's': {
        const PickleId value = pop();
        const PickleId pair[] = {pop(), value};
        setItems(top(), pair);
        return true;
    }
    case 'u': {
        const auto pairs = popMark();
        setItems(top(), pairs);
        return true;
    }
    case 'p': put(lineIndex()); return true;
    case 'q': put(m_input.byte()); return true;
    case 'r': put(m_input.little(4)); return true;
    case 0x94: put(m_denseMemo.size() + m_memo.size()); return true;
    case 'g': get(lineIndex()); return true;
    case 'h': get(m_input.byte()); return true;
    case 'j': get(m_input.little(4)); return true;
    default: return false;
    }
}

bool PickleMachine::stepObject(uint8_t opcode)
{
    switch (opcode) {
    case 0x80: {
        m_pickle.m_protocol = m_input.byte();
        if (m_pickle.m_protocol > 5)
            fail("unsupported-version", fmt::format("The pickle says protocol {}; protocols 0 to 5 exist.", m_pickle.m_protocol));
        return true;
    }
    case 0x95: m_input.has(m_input.little(8), "a frame"); return true;
    case '.':
        m_pickle.m_root = pop();
        m_pickle.m_leftOnStack = m_stack.size();
        m_stopped = true;
        return true;
    case 'c': {
        const std::string module = m_input.line(limits::nameNbytes);
        pushGlobal(module, m_input.line(limits::nameNbytes));
        return true;
    }
    case 0x93: stackGlobal(); return true;
    case 'R': {
        const PickleId arguments = pop();
        pushCall(pop(), arguments);
        return true;
    }
    case 0x81: {
        const PickleId arguments = pop();
        pushCall(pop(), arguments);
        return true;
    }
    case 0x92: {
        const PickleId keywords = pop();
        const PickleId arguments = pop();
        pushCall(pop(), arguments, keywords);
        return true;
    }
    case 'i':
        callMarked(false);
        return true;
    case 'o': callMarked(true); return true;
    case 'b': build(); return true;
    case 'P': {
        const uint64_t at = m_input.offset();
        pushHeld(PickleKind::Text, m_input.line(limits::nameNbytes), at);
        pushChildren(PickleKind::Persistent, {pop()});
        return true;
    }
    case 'Q': pushChildren(PickleKind::Persistent, {pop()}); return true;
    case 0x82: extension(m_input.byte()); return true;
    case 0x83: extension(m_input.little(2)); return true;
    case 0x84: extension(m_input.little(4)); return true;
    case 0x97:
    case 0x98: fail("corrupt", "The pickle needs buffers that are kept outside of it."); return true;
    default: return false;
    }
}

PickleId PickleMachine::top()
{
    if (m_stack.empty() || (!m_marks.empty() && m_marks.back() == m_stack.size())) {
        fail("corrupt", "The pickle is damaged: an operation finds nothing on the stack.");
        if (m_pickle.m_nodes.empty())
            m_pickle.m_nodes.push_back({});
        return 0;
    }
    return m_stack.back();
}

PickleId PickleMachine::pop()
{
    const PickleId id = top();
    if (!m_input.error())
        m_stack.pop_back();
    return id;
}

void PickleMachine::pushNode(PickleNode node)
{
    if (node.offset == 0)
        node.offset = m_opcodeAt;
    m_pickle.m_nodes.push_back(node);
    push(static_cast<PickleId>(m_pickle.m_nodes.size() - 1));
}

std::vector<PickleId> PickleMachine::popMark()
{
    if (m_marks.empty()) {
        fail("corrupt", "The pickle is damaged: an operation finds no mark on the stack.");
        return {};
    }
    const auto from = m_stack.begin() + static_cast<ptrdiff_t>(m_marks.back());
    std::vector<PickleId> out(from, m_stack.end());
    m_stack.erase(from, m_stack.end());
    m_marks.pop_back();
    return out;
}

void PickleMachine::put(uint64_t index)
{
    const PickleId id = top();
    if (index < m_denseMemo.size())
        m_denseMemo[index] = id;
    else if (index == m_denseMemo.size())
        m_denseMemo.push_back(id);
    else
        m_memo[index] = id;
}

void PickleMachine::get(uint64_t index)
{
    if (index < m_denseMemo.size())
        return push(m_denseMemo[index]);
    const auto found = m_memo.find(index);
    if (found == m_memo.end())
        fail("corrupt", fmt::format("The pickle refers to value {} of its memo, which was never stored.", index));
    else
        push(found->second);
}

uint64_t PickleMachine::lineIndex()
{
    const std::string digits = m_input.line(32);
    uint64_t index = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size())
        fail("corrupt", "The pickle's memo is addressed by something that is not a number.");
    return index;
}

void PickleMachine::pushInteger(int64_t value, PickleKind kind)
{
    PickleNode node;
    node.kind = kind;
    node.integer = value;
    pushNode(node);
}

void PickleMachine::pushReal(double value)
{
    PickleNode node;
    node.kind = PickleKind::Float;
    node.real = value;
    pushNode(node);
}

/// Decimal digits of protocol 0, with the L of Python 2's long.
void PickleMachine::pushDigits(std::string digits)
{
    if (digits.ends_with('L'))
        digits.pop_back();
    int64_t value = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const bool whole = parsed.ptr == digits.data() + digits.size() && !digits.empty();
    if (whole && parsed.ec == std::errc())
        return pushInteger(value);
    if (!whole || digits.size() > maximumDigits)
        return fail("corrupt", digits.size() > maximumDigits ? fmt::format("A number of the pickle has {} digits, beyond the limit of {}.", digits.size(), maximumDigits)
                                                             : std::string("A number of the pickle is not a number."));
    pushHeld(PickleKind::BigDecimal, digits, m_opcodeAt + 1);
}

void PickleMachine::pushLong(uint64_t nbytes)
{
    if (nbytes > 8)
        return pushText(PickleKind::BigInt, nbytes);
    if (!m_input.has(nbytes, "a number"))
        return;
    const uint64_t raw = m_input.little(static_cast<size_t>(nbytes));
    const unsigned unused = 64 - 8 * static_cast<unsigned>(nbytes);
    pushInteger(nbytes == 0 ? 0 : static_cast<int64_t>(raw << unused) >> unused);
}

void PickleMachine::pushText(PickleKind kind, uint64_t nbytes)
{
    if (!m_input.has(nbytes, kind == PickleKind::BigInt ? "a number" : kind == PickleKind::Bytes ? "bytes" : "a text"))
        return;
    const uint64_t at = m_input.offset();
    if (nbytes <= Pickle::heldNbytes)
        return pushHeld(kind, m_input.take(static_cast<size_t>(nbytes)), at);
    m_input.skip(nbytes);
    PickleNode node;
    node.kind = kind;
    node.length = nbytes;
    node.offset = at;
    node.text = nullptr;
    pushNode(node);
}

void PickleMachine::pushHeld(PickleKind kind, std::string_view text, uint64_t offset)
{
    PickleNode node;
    node.kind = kind;
    node.length = text.size();
    node.offset = offset;
    node.text = hold(text);
    pushNode(node);
}

/// A copy that lives as long as the pickle.
const char* PickleMachine::hold(std::string_view text)
{
    m_heldNbytes += text.size();
    if (m_heldNbytes > maximumHeld) {
        fail("resource-bomb", fmt::format("The texts of the pickle are too large: together beyond the limit of {}.", formatNbytes(maximumHeld)));
        return "";
    }
    if (text.size() > m_chunkLeft) {
        const size_t size = std::max(chunkNbytes, text.size());
        m_pickle.m_texts.push_back(std::make_unique<char[]>(size));
        m_chunk = m_pickle.m_texts.back().get();
        m_chunkLeft = size;
    }
    char* out = m_chunk;
    if (!text.empty())
        std::memcpy(out, text.data(), text.size());
    m_chunk += text.size();
    m_chunkLeft -= text.size();
    return out;
}

void PickleMachine::quotedLine()
{
    const uint64_t at = m_input.offset();
    const auto text = decodeQuoted(m_input.line(maximumLine));
    if (!text)
        fail("corrupt", "A text of the pickle lacks its quotes.");
    else
        pushHeld(PickleKind::Bytes, *text, at);
}

void PickleMachine::pushChildren(PickleKind kind, std::vector<PickleId> children)
{
    if (kind == PickleKind::FrozenSet)
        for (const PickleId child : children)
            checkKey(child);
    PickleNode node;
    node.kind = kind;
    if (!children.empty()) {
        node.extra = static_cast<uint32_t>(m_pickle.m_lists.size());
        node.length = children.size();
        m_pickle.m_lists.push_back(std::move(children));
    }
    pushNode(node);
}

void PickleMachine::pushTuple(size_t count)
{
    std::vector<PickleId> children(count);
    for (size_t i = count; i-- > 0;)
        children[i] = pop();
    pushChildren(PickleKind::Tuple, std::move(children));
}

/// Where APPENDS (or SETITEMS) puts its values; null with an Error set if the target takes none.
std::vector<PickleId>* PickleMachine::listOf(PickleId target, bool pairs)
{
    PickleNode& node = m_pickle.m_nodes[target];
    if (node.kind == PickleKind::Object)
        return pairs ? &m_pickle.m_objects[node.extra].pairs : &m_pickle.m_objects[node.extra].items;
    const bool takes = pairs ? node.kind == PickleKind::Dict : node.kind == PickleKind::List || node.kind == PickleKind::Set;
    if (!takes) {
        fail("corrupt", pairs ? "The pickle sets items of something that is not a dict." : "The pickle appends to something that is not a list.");
        return nullptr;
    }
    if (node.extra == UINT32_MAX) {
        node.extra = static_cast<uint32_t>(m_pickle.m_lists.size());
        m_pickle.m_lists.emplace_back();
    }
    return &m_pickle.m_lists[node.extra];
}

void PickleMachine::append(PickleId target, std::span<const PickleId> items)
{
    if (m_input.error())
        return;
    if (m_pickle.kind(target) == PickleKind::Set)
        for (const PickleId item : items)
            checkKey(item);
    if (auto* list = listOf(target, false))
        list->insert(list->end(), items.begin(), items.end());
}

void PickleMachine::setItems(PickleId target, std::span<const PickleId> pairs)
{
    if (m_input.error())
        return;
    if (pairs.size() % 2 != 0)
        return fail("corrupt", "The pickle sets an item without a value.");
    for (size_t i = 0; i < pairs.size(); i += 2)
        checkKey(pairs[i]);
    if (auto* list = listOf(target, true))
        list->insert(list->end(), pairs.begin(), pairs.end());
}

/// Python cannot hash these. Nothing is hashed here: a key is a node like any other.
void PickleMachine::checkKey(PickleId key)
{
    const PickleKind kind = m_pickle.kind(key);
    if (kind == PickleKind::List || kind == PickleKind::Dict || kind == PickleKind::Set)
        fail("corrupt", "The pickle uses a list, a dict or a set as a key.");
}

void PickleMachine::pushGlobal(std::string_view module, std::string_view name)
{
    if (m_input.error())
        return;
    std::string key = fmt::format("{}\n{}", module, name);
    const auto [found, isNew] = m_globalIndex.emplace(std::move(key), static_cast<uint32_t>(m_pickle.m_globals.size()));
    if (isNew)
        m_pickle.m_globals.push_back({std::string(module), std::string(name), m_opcodeAt, false});
    PickleNode node;
    node.kind = PickleKind::Global;
    node.extra = found->second;
    pushNode(node);
}

void PickleMachine::stackGlobal()
{
    const PickleId name = pop();
    const PickleId module = pop();
    if (m_input.error())
        return;
    const auto moduleText = m_pickle.text(module);
    const auto nameText = m_pickle.text(name);
    if (moduleText && nameText)
        return pushGlobal(*moduleText, *nameText);
    if (m_pickle.kind(module) != PickleKind::Object && m_pickle.kind(name) != PickleKind::Object)
        return fail("corrupt", "The pickle names a class by something that is not a text.");
    pushGlobal("<computed>", "<computed>"); // a name that only running the pickle would tell
}

/// A number of copyreg's registry: what it stands for is not in the file.
void PickleMachine::extension(uint64_t code)
{
    pushGlobal("copyreg", fmt::format("extension {}", code));
}

void PickleMachine::pushCall(PickleId callee, std::optional<PickleId> arguments, std::optional<PickleId> keywords)
{
    if (m_input.error())
        return;
    const PickleKind kind = m_pickle.kind(callee);
    if (kind != PickleKind::Global && kind != PickleKind::Object && kind != PickleKind::Persistent)
        return fail("corrupt", "The pickle calls something that is not a class or a function.");
    if (arguments && m_pickle.kind(*arguments) != PickleKind::Tuple && m_pickle.kind(*arguments) != PickleKind::Object)
        return fail("corrupt", "The pickle calls with arguments that are not a tuple.");
    if (kind == PickleKind::Global)
        m_pickle.m_globals[m_pickle[callee].extra].isCalled = true;
    PickleObject object;
    object.callee = callee;
    object.arguments = arguments;
    object.keywords = keywords;
    PickleNode node;
    node.kind = PickleKind::Object;
    node.extra = static_cast<uint32_t>(m_pickle.m_objects.size());
    m_pickle.m_objects.push_back(std::move(object));
    pushNode(node);
}

/// INST and OBJ: the arguments are what lies above the mark; for OBJ the class is the first of them.
void PickleMachine::callMarked(bool calleeIsMarked)
{
    if (!calleeIsMarked) {
        const std::string module = m_input.line(limits::nameNbytes);
        pushGlobal(module, m_input.line(limits::nameNbytes));
    }
    if (m_input.error())
        return;
    const PickleId named = calleeIsMarked ? 0 : pop();
    std::vector<PickleId> marked = popMark();
    if (calleeIsMarked && marked.empty())
        return fail("corrupt", "The pickle makes an object of no class.");
    const PickleId callee = calleeIsMarked ? marked.front() : named;
    if (calleeIsMarked)
        marked.erase(marked.begin());
    pushChildren(PickleKind::Tuple, std::move(marked));
    const PickleId arguments = pop();
    pushCall(callee, arguments);
}

void PickleMachine::build()
{
    const PickleId state = pop();
    const PickleId target = top();
    if (m_input.error())
        return;
    const PickleNode& node = m_pickle.m_nodes[target];
    if (node.kind == PickleKind::Object)
        m_pickle.m_objects[node.extra].state = state;
    else if (node.kind == PickleKind::Global)
        m_pickle.m_globals[node.extra].isCalled = true; // it would change the class itself
    else if (node.kind != PickleKind::Persistent)
        fail("corrupt", "The pickle sets the state of something that has none.");
}

} // namespace weighbridge
