// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/tokenizer/template.h"

#include "core/base/text.h"
#include "core/tokenizer/normalizer.h"

#include <fmt/format.h>

namespace weighbridge {
namespace {

using Kind = TemplatePart::Kind;

Error broken()
{
    return Error("corrupt", "The tokenizer's template of special tokens is not of the form that tokenizers write.");
}

int64_t typeIdOf(const Value& part)
{
    const Value* id = part.find("type_id");
    return id && id->integer() ? *id->integer() : 0;
}

/// "special_tokens": {"[CLS]": {"ids": [101]}}
Result<std::vector<int64_t>> specialIds(const Value& json, const std::string& name)
{
    const Value* all = json.find("special_tokens");
    const Value* token = all ? all->find(name) : nullptr;
    const Value* ids = token ? token->find("ids") : nullptr;
    if (!ids || !ids->list())
        return failure(broken());
    std::vector<int64_t> out;
    for (const Value& id : *ids->list()) {
        if (!id.integer())
            return failure(broken());
        out.push_back(*id.integer());
    }
    return out;
}

Result<std::vector<TemplatePart>> partsFrom(const Value& json, std::string_view key)
{
    std::vector<TemplatePart> out;
    const Value* list = json.find(key);
    if (!list || !list->list())
        return failure(broken());
    for (const Value& entry : *list->list()) {
        if (const Value* special = entry.find("SpecialToken")) {
            auto ids = specialIds(json, special->find("id") ? special->find("id")->stringOr("") : "");
            if (!ids)
                return tl::unexpected(ids.error());
            out.push_back({Kind::Special, std::move(*ids), typeIdOf(*special)});
        } else if (const Value* sequence = entry.find("Sequence")) {
            const bool isSecond = sequence->find("id") && sequence->find("id")->stringOr("") == "B";
            out.push_back({isSecond ? Kind::Second : Kind::First, {}, typeIdOf(*sequence)});
        }
    }
    return out;
}

Result<Template> templateFrom(const Value& json)
{
    auto single = partsFrom(json, "single");
    auto pair = partsFrom(json, "pair");
    if (!single || !pair)
        return failure(single ? pair.error() : single.error());
    return Template{std::move(*single), std::move(*pair)};
}

/// "cls": ["[CLS]", 101]
Result<int64_t> idIn(const Value& json, std::string_view key)
{
    const Value* entry = json.find(key);
    const Value::List* pair = entry ? entry->list() : nullptr;
    if (!pair || pair->size() != 2 || !(*pair)[1].integer())
        return failure(broken());
    return *(*pair)[1].integer();
}

/// BERT's closes both texts and tells them apart by type; RoBERTa's puts two signs between them and knows one type.
Result<Template> clsAndSep(const Value& json, bool isRoberta)
{
    const auto cls = idIn(json, "cls");
    const auto sep = idIn(json, "sep");
    if (!cls || !sep)
        return failure(broken());
    const int64_t second = isRoberta ? 0 : 1;
    Template out;
    out.single = {{Kind::Special, {*cls}, 0}, {Kind::First, {}, 0}, {Kind::Special, {*sep}, 0}};
    out.pair = out.single;
    if (isRoberta)
        out.pair.push_back({Kind::Special, {*sep}, second});
    out.pair.push_back({Kind::Second, {}, second});
    out.pair.push_back({Kind::Special, {*sep}, second});
    return out;
}

} // namespace

size_t specialTokens(const std::vector<TemplatePart>& parts)
{
    size_t count = 0;
    for (const TemplatePart& part : parts)
        count += part.ids.size();
    return count;
}

Result<Template> Template::from(const Value* json)
{
    Result<Template> out = Template();
    if (!json || json->isNull())
        return out;
    for (const Value* part : flattened(*json, "processors")) {
        const std::string type = typeOf(*part);
        if (type == "TemplateProcessing")
            out = templateFrom(*part);
        else if (type == "BertProcessing" || type == "RobertaProcessing")
            out = clsAndSep(*part, type == "RobertaProcessing");
        else if (type != "ByteLevel") // which only moves offsets
            return failure("tokenizer-unknown", fmt::format("The tokenizer has a post-processor of the kind {}, which is not known.", shown(type)));
        if (!out)
            return out;
    }
    return out;
}

} // namespace weighbridge
