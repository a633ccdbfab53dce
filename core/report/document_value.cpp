// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/report_document.h"

#include "core/base/limits.h"

#include <type_traits>

namespace weighbridge {
namespace {

// Each block is written and read by one list of its fields: describe(block, archive) calls archive("key", field).

template <typename Archive>
void describe(TitleBlock& block, Archive& archive)
{
    archive("kicker", block.kicker);
    archive("glyph", block.glyph);
    archive("text", block.text);
    archive("lead", block.lead);
}

template <typename Archive>
void describe(HeadingBlock& block, Archive& archive)
{
    archive("level", block.level);
    archive("text", block.text);
    archive("glyph", block.glyph);
    archive("number", block.number);
    archive("anchor", block.anchor);
    archive("is_long", block.isLong);
}

template <typename Archive>
void describe(ParagraphBlock& block, Archive& archive)
{
    archive("kind", block.kind);
    archive("text", block.text);
}

template <typename Archive>
void describe(ReadoutsBlock::Readout& readout, Archive& archive)
{
    archive("number", readout.number);
    archive("caption", readout.caption);
}

template <typename Archive>
void describe(ReadoutsBlock& block, Archive& archive)
{
    archive("readouts", block.readouts);
}

template <typename Archive>
void describe(FigureLabel& label, Archive& archive)
{
    archive("x", label.x);
    archive("y", label.y);
    archive("size", label.size);
    archive("anchor", label.anchor);
    archive("is_bold", label.isBold);
    archive("colour", label.colour);
    archive("text", label.text);
}

template <typename Archive>
void describe(FigureBlock& block, Archive& archive)
{
    archive("width", block.width);
    archive("height", block.height);
    archive("svg", block.svg);
    archive("labels", block.labels);
    archive("caption", block.caption);
    archive("text", block.text);
}

template <typename Archive>
void describe(TableCell& cell, Archive& archive)
{
    archive("text", cell.text);
    archive("more", cell.more);
    archive("glyph", cell.glyph);
    archive("link", cell.link);
    archive("is_strong", cell.isStrong);
}

template <typename Archive>
void describe(TableColumn& column, Archive& archive)
{
    archive("head", column.head);
    archive("kind", column.kind);
    archive("share", column.share);
}

template <typename Archive>
void describe(TableBlock& block, Archive& archive)
{
    archive("columns", block.columns);
    archive("rows", block.rows);
}

template <typename Archive>
void describe(CodeBlock& block, Archive& archive)
{
    archive("language", block.language);
    archive("text", block.text);
}

template <typename Archive>
void describe(ContentsBlock&, Archive&)
{
}

template <typename Archive>
void describe(ReportBlock& block, Archive& archive)
{
    archive.variant(block);
}

template <typename Archive>
void describe(ReportDocument& document, Archive& archive)
{
    archive("title", document.title);
    archive("program", document.program);
    archive("subject", document.subject);
    archive("date", document.date);
    archive("blocks", document.blocks);
}

class Writer {
public:
    /// What says nothing is left out: most cells have a text alone.
    void operator()(const char* key, const std::string& text)
    {
        if (!text.empty())
            m_map.emplace_back(key, text);
    }
    template <typename T>
    void operator()(const char* key, const T& field)
    {
        m_map.emplace_back(key, valueOf(field));
    }
    void variant(ReportBlock& block)
    {
        m_map.emplace_back("block", static_cast<int64_t>(block.index()));
        std::visit([this](auto& content) { describe(content, *this); }, block);
    }
    static Value valueOf(bool field) { return field; }
    static Value valueOf(int field) { return field; }
    static Value valueOf(double field) { return field; }
    template <typename T>
    static Value valueOf(const T& field)
    {
        if constexpr (std::is_enum_v<T>) {
            return static_cast<int64_t>(field);
        } else {
            Writer writer;
            describe(const_cast<T&>(field), writer); // reads only
            return std::move(writer.m_map);
        }
    }
    template <typename T>
    static Value valueOf(const std::vector<T>& fields)
    {
        Value::List list;
        list.reserve(fields.size());
        for (const T& field : fields)
            list.push_back(valueOf(field));
        return list;
    }

private:
    Value::Map m_map;
};

/// Fields that are absent keep what they are; those of another kind make the whole unreadable.
class Reader {
public:
    explicit Reader(const Value& value) : m_value(value), m_isGood(value.isMap()) {}

    template <typename T>
    void operator()(const char* key, T& field)
    {
        if (const Value* value = m_value.find(key))
            m_isGood = read(*value, field) && m_isGood;
    }
    void variant(ReportBlock& block)
    {
        const Value* index = m_value.find("block");
        const int64_t number = index && index->integer() ? *index->integer() : -1;
        m_isGood = makeAlternative(block, number, std::make_index_sequence<std::variant_size_v<ReportBlock>>()) && m_isGood;
        if (m_isGood)
            std::visit([this](auto& content) { describe(content, *this); }, block);
    }
    [[nodiscard]] bool isGood() const { return m_isGood; }

    template <typename T>
    static bool read(const Value& value, T& field)
    {
        if constexpr (std::is_same_v<T, bool>) {
            field = value.boolean() && *value.boolean();
            return value.isBool();
        } else if constexpr (std::is_same_v<T, std::string>) {
            field = value.stringOr("");
            return value.isString();
        } else if constexpr (std::is_enum_v<T>) {
            const int64_t number = value.integer() ? *value.integer() : -1;
            constexpr int64_t maximum = 3; // no enumeration of a document has more values
            field = static_cast<T>(number < 0 || number > maximum ? 0 : number);
            return number >= 0 && number <= maximum;
        } else if constexpr (std::is_arithmetic_v<T>) {
            field = static_cast<T>(value.number());
            return value.isNumber();
        } else {
            Reader reader(value);
            describe(field, reader);
            return reader.isGood();
        }
    }
    template <typename T>
    static bool read(const Value& value, std::vector<T>& fields)
    {
        if (!value.isList())
            return false;
        fields.resize(value.list()->size());
        for (size_t i = 0; i < fields.size(); ++i)
            if (!read((*value.list())[i], fields[i]))
                return false;
        return true;
    }

private:
    template <size_t... Indices>
    static bool makeAlternative(ReportBlock& block, int64_t number, std::index_sequence<Indices...>)
    {
        return ((number == int64_t(Indices) ? (block.emplace<Indices>(), true) : false) || ...);
    }

    const Value& m_value;
    bool m_isGood;
};

/// What the program that draws relies on.
bool isConsistent(const ReportDocument& document)
{
    for (const ReportBlock& block : document.blocks) {
        const auto* table = std::get_if<TableBlock>(&block);
        for (size_t i = 0; table && i < table->rows.size(); ++i)
            if (table->rows[i].size() != table->columns.size())
                return false;
    }
    return true;
}

} // namespace

Value toValue(const ReportDocument& document)
{
    return Writer::valueOf(document);
}

Result<ReportDocument> documentFromValue(const Value& value)
{
    ReportDocument document;
    if (!Reader::read(value, document) || !isConsistent(document))
        return failure("worker", "This is no report document.");
    return document;
}

} // namespace weighbridge
