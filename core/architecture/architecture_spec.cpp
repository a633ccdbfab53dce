// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/architecture/architecture_spec.h"

#include "core/base/byte_source.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace weighbridge {
namespace {

constexpr uint64_t maximumNbytes = 32 * limits::MiB;
constexpr size_t maximumDepth = 16;
constexpr size_t maximumLines = 100'000;

const Value::List& itemsOf(const Value* value)
{
    static const Value::List none;
    return value && value->list() ? *value->list() : none;
}

std::string textOf(const Value* value)
{
    return value ? value->stringOr("") : std::string();
}

std::vector<std::string> texts(const Value* value)
{
    std::vector<std::string> out;
    for (const Value& item : itemsOf(value))
        if (item.isString())
            out.push_back(*item.string());
    return out;
}

template <typename Items, typename T, typename Parse>
Result<void> appendAll(const Items& items, std::vector<T>& out, Parse parse)
{
    for (const auto& item : items) {
        auto parsed = parse(item);
        if (!parsed)
            return tl::unexpected(parsed.error());
        out.push_back(std::move(*parsed));
    }
    return {};
}

Result<NameTemplate> parseName(std::string_view text)
{
    NameTemplate out;
    out.literals.emplace_back();
    while (!text.empty()) {
        const size_t open = std::min(text.find('{'), text.size());
        out.literals.back() += text.substr(0, open);
        text.remove_prefix(open);
        if (text.empty())
            break;
        const size_t close = text.find('}');
        if (close == std::string_view::npos)
            return failure("architecture-syntax", "A name has { without }.");
        auto expression = Expression::parse(text.substr(1, close - 1));
        if (!expression)
            return tl::unexpected(expression.error());
        out.expressions.push_back(std::move(*expression));
        out.literals.emplace_back();
        text.remove_prefix(close + 1);
    }
    return out;
}

/// A size or a condition is a number, true or false, or the text of an expression.
Result<Expression> parseExpression(const Value& value)
{
    if (const auto* text = value.string())
        return Expression::parse(*text);
    if (const auto* whole = value.integer())
        return Expression::parse(std::to_string(*whole));
    if (const auto* flag = value.boolean())
        return Expression::parse(*flag ? "true" : "false");
    return failure("architecture-syntax", "An expression is a text or a whole number.");
}

Result<Repetition> parseRepetition(const Value* options)
{
    Repetition out;
    const Value* loops = options ? options->find("for") : nullptr;
    for (const auto& [index, count] : loops && loops->map() ? *loops->map() : Value::Map{}) {
        auto expression = parseExpression(count);
        if (!expression)
            return tl::unexpected(expression.error());
        out.loops.emplace_back(index, std::move(*expression));
    }
    if (const Value* condition = options ? options->find("if") : nullptr) {
        auto expression = parseExpression(*condition);
        if (!expression)
            return tl::unexpected(expression.error());
        out.condition = std::move(*expression);
    }
    return out;
}

Result<ModelReference> parseReference(const Value& value)
{
    ModelReference out{textOf(value.find("model")), textOf(value.find("as")), textOf(value.find("class")), {}};
    if (const Value* frozen = value.find("frozen_batch_norm"))
        out.areNormsFrozen = isTrue(*frozen);
    if (const Value* inherited = value.find("inherit"))
        out.isInherited = isTrue(*inherited);
    if (out.config.empty() || out.as.empty() == out.className.empty())
        return failure("architecture-syntax", "A model inside another needs \"model\" (its config) and either \"as\" or \"class\".");
    const Value* overrides = value.find("set");
    for (const auto& [field, text_] : overrides && overrides->map() ? *overrides->map() : Value::Map{}) {
        auto expression = parseExpression(text_);
        if (!expression)
            return tl::unexpected(expression.error());
        out.overrides.emplace_back(field, std::move(*expression));
    }
    return out;
}

Result<void> parseShape(const Value& value, TensorTemplate& out)
{
    if (const Value* size = value.find("batch_norm"))
        return appendAll(std::array<Value, 1>{*size}, out.shape, parseExpression);
    if (value.isMap()) {
        auto reference = parseReference(value);
        if (!reference)
            return tl::unexpected(reference.error());
        out.reference = std::move(*reference);
        return {};
    }
    if (!value.isList())
        return failure("architecture-syntax", "A shape is a list of sizes.");
    return appendAll(*value.list(), out.shape, parseExpression);
}

Result<TensorTemplate> parseTensor(const std::string& name, const Value::List& line)
{
    TensorTemplate out;
    const Value* options = line.size() > 2 ? &line[2] : nullptr;
    auto parsedName = parseName(name);
    auto repetition = parseRepetition(options);
    if (!parsedName || !repetition)
        return tl::unexpected(!parsedName ? parsedName.error() : repetition.error());
    out.name = std::move(*parsedName);
    out.repetition = std::move(*repetition);
    if (auto shape = parseShape(line[1], out); !shape)
        return tl::unexpected(shape.error());
    if (const Value* kind = options ? options->find("buffer") : nullptr) {
        out.isBuffer = true;
        out.isPersistent = kind->stringOr("") != "nonpersistent";
    }
    if (const Value* dtype = options ? options->find("dtype") : nullptr) {
        const auto known = dtypeByName(dtype->stringOr(""));
        if (!known)
            return failure("architecture-syntax", "There is no dtype " + shown(dtype->stringOr("")) + ".");
        out.dtype = *known;
    }
    return out;
}

/// What a batch normalization holds, in PyTorch's order: `"batch_norm": size` stands for these five.
std::vector<TensorTemplate> batchNorm(const TensorTemplate& norm)
{
    std::vector<TensorTemplate> out;
    for (const char* part : {".weight", ".bias", ".running_mean", ".running_var", ".num_batches_tracked"}) {
        out.push_back(norm);
        out.back().name.literals.back() += part;
        out.back().isBuffer = out.size() > 2;
    }
    out.back().shape.clear();
    out.back().dtype = DType::I64;
    return out;
}

Result<void> appendTensors(const std::string& name, const Value::List& line, std::vector<TensorTemplate>& out)
{
    auto tensor = parseTensor(name, line);
    if (!tensor)
        return tl::unexpected(tensor.error());
    if (!line[1].find("batch_norm")) {
        out.push_back(std::move(*tensor));
        return {};
    }
    auto tensors = batchNorm(*tensor);
    std::move(tensors.begin(), tensors.end(), std::back_inserter(out));
    return {};
}

Result<TieTemplate> parseTie(const Value::List& line, const std::string& prefix)
{
    if (line.size() < 2 || !line[0].isString() || !line[1].isString())
        return failure("architecture-syntax", "A line of \"tied\" is [target, source, options].");
    auto target = parseName(prefix + *line[0].string());
    auto source = parseName(prefix + *line[1].string());
    auto repetition = parseRepetition(line.size() > 2 ? &line[2] : nullptr);
    if (!target || !source || !repetition)
        return tl::unexpected(!target ? target.error() : !source ? source.error() : repetition.error());
    return TieTemplate{std::move(*target), std::move(*source), std::move(*repetition)};
}

Result<Refusal> parseRefusal(const Value& value)
{
    const auto* pair = value.list();
    if (pair && pair->size() != 2)
        return failure("architecture-syntax", "A line of \"refuse\" is a condition, or [condition, text].");
    auto condition = parseExpression(pair ? (*pair)[0] : value);
    if (!condition)
        return tl::unexpected(condition.error());
    return Refusal{std::move(*condition), pair ? (*pair)[1].stringOr("") : std::string()};
}

/// "pooler.*" stands for everything that begins with "pooler.".
bool isLeftOut(const std::string& name, const std::vector<std::string>& patterns)
{
    return std::any_of(patterns.begin(), patterns.end(), [&name](const std::string& pattern) {
        return pattern.ends_with('*') ? name.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1)) : name == pattern;
    });
}

Result<LoaderConversion::Step> parseStep(const Value& value)
{
    using Kind = LoaderConversion::Step::Kind;
    static constexpr std::array<std::pair<const char*, Kind>, 5> kinds{{{"stack", Kind::Stack}, {"concatenate", Kind::Concatenate}, {"chunk", Kind::Chunk}, {"transpose", Kind::Transpose}, {"permute", Kind::Permute}}};
    const auto& parts = itemsOf(&value);
    LoaderConversion::Step out;
    const auto* kind = std::find_if(kinds.begin(), kinds.end(), [&parts](const auto& item) { return !parts.empty() && parts[0].stringOr("") == item.first; });
    if (kind == kinds.end())
        return failure("architecture-syntax", "a step of a conversion is stack, concatenate, chunk, transpose or permute");
    out.kind = kind->second;
    for (size_t i = 1; i < parts.size() && i < 3; ++i)
        if (const auto* dimension = parts[i].integer())
            (i == 1 ? out.dimension : out.otherDimension) = *dimension;
    out.isOnlyIfNeeded = parts.size() > 3 && parts[3].stringOr("") == "if needed";
    return out;
}

/// The sources are the groups g0, g1, ... of the pattern.
size_t countSources(const std::string& pattern)
{
    size_t count = 0;
    while (pattern.find(fmt::format("(?P<g{}>", count)) != std::string::npos)
        ++count;
    return std::max<size_t>(count, 1);
}

Result<LoaderConversion> parseConversion(const Value& value)
{
    LoaderConversion out;
    out.pattern = textOf(value.find("from"));
    out.sources = countSources(out.pattern);
    out.targets = texts(value.find("to"));
    if (out.pattern.empty() || out.targets.empty())
        return failure("architecture-syntax", "a conversion needs \"from\" and \"to\"");
    if (auto steps = appendAll(itemsOf(value.find("do")), out.steps, parseStep); !steps)
        return tl::unexpected(steps.error());
    if (const Value* scope = value.find("in"))
        out.scope = scope->stringOr("");
    out.rule = fmt::format("converted to {}", fmt::join(out.targets, ", "));
    return out;
}

} // namespace

Result<std::string> NameTemplate::expand(const Names& names) const
{
    std::string out = literals[0];
    for (size_t i = 0; i < expressions.size(); ++i) {
        const auto value = expressions[i].evaluate(names);
        if (!value)
            return tl::unexpected(value.error());
        if (!value->isInt() && !value->isString())
            return failure("bad-shape", fmt::format("`{}` gives no part of a name.", shown(expressions[i].text())));
        out += (value->isInt() ? std::to_string(*value->integer()) : *value->string()) + literals[i + 1];
    }
    if (out.size() > limits::nameNbytes)
        return failure("bad-shape", "A tensor's name gets too long.");
    return out;
}

std::string foldedName(std::string_view name)
{
    std::string out;
    for (size_t at = 0; at < name.size(); ++at) {
        const bool isPlace = name[at] == '{';
        if (!isPlace && (name[at] < '0' || name[at] > '9')) {
            out += name[at];
            continue;
        }
        at = std::min(isPlace ? name.find('}', at) : name.find_first_not_of("0123456789", at) - 1, name.size() - 1);
        if (!out.ends_with('#'))
            out += '#';
    }
    return out;
}

Result<ArchitectureSpec> ArchitectureSpec::load(const std::string& path)
{
    const auto source = openFile(path);
    if (!source)
        return tl::unexpected(source.error());
    if ((*source)->nbytes() > maximumNbytes)
        return failure(Error("architecture-syntax", fmt::format("The specification has {}, more than the limit of {}.", formatNbytes((*source)->nbytes()), formatNbytes(maximumNbytes))).at(path));
    const auto bytes = (*source)->read(0, (*source)->nbytes());
    if (!bytes)
        return tl::unexpected(bytes.error());
    auto document = parseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, path);
    if (!document)
        return failure(Error("architecture-syntax", document.error().message).at(path));
    ArchitectureSpec out;
    out.m_path = path;
    out.m_root = std::move(document->value);
    const Value* classes = out.m_root.find("classes");
    if (out.modelType().empty() || !classes || !classes->isMap() || !out.config(""))
        return failure(out.syntax("it needs \"model_type\", \"config\" and \"classes\""));
    return out;
}

Error ArchitectureSpec::syntax(const std::string& what) const
{
    return Error("architecture-syntax", fmt::format("The specification of an architecture is not usable: {}.", what)).at(m_path).fixedBy("See docs/adding-an-architecture.md for what such a file holds.");
}

std::string ArchitectureSpec::text(std::string_view key) const
{
    return textOf(m_root.find(key));
}

std::vector<std::string> ArchitectureSpec::classNames() const
{
    std::vector<std::string> out;
    for (const auto& [name, ignored] : *m_root.find("classes")->map())
        if (!name.starts_with('.'))
            out.push_back(name);
    return out;
}

std::string ArchitectureSpec::classFor(const std::string& autoClass) const
{
    const Value* classes = m_root.find("auto");
    const Value* found = classes ? classes->find(autoClass) : nullptr;
    return found ? found->stringOr("") : autoClass == "AutoModel" ? baseClass() : std::string();
}

const Value* ArchitectureSpec::config(const std::string& name) const
{
    const Value* configs = name.empty() ? &m_root : m_root.find("configs");
    const Value* found = configs ? configs->find(name.empty() ? "config" : name) : nullptr;
    return found && found->isMap() ? found : nullptr;
}

std::string ArchitectureSpec::baseModelPrefix(const std::string& className) const
{
    const Value* own = m_root.find("classes")->find(className);
    const Value* prefix = own ? own->find("base_model_prefix") : nullptr;
    return prefix ? prefix->stringOr("") : text("base_model_prefix");
}

std::string ArchitectureSpec::unknownLoading(const std::string& className) const
{
    const Value* classes = m_root.find("classes");
    const Value* own = classes ? classes->find(className) : nullptr;
    return own ? textOf(own->find("unknown_loading")) : std::string();
}

std::vector<LoaderRename> ArchitectureSpec::renames(const std::string& className) const
{
    std::vector<LoaderRename> out;
    const Value* ofClass = m_root.find("classes")->find(className);
    const Value* list = ofClass ? ofClass->find("renames") : nullptr;
    for (const Value& line : itemsOf(list ? list : m_root.find("renames"))) {
        const auto parts = texts(&line);
        if (parts.size() >= 2)
            out.push_back({parts[0], parts[1], parts[0] + " -> " + parts[1], parts.size() > 2 ? std::optional(parts[2]) : std::nullopt});
    }
    return out;
}

Result<std::vector<LoaderConversion>> ArchitectureSpec::conversions(const std::string& className) const
{
    std::vector<LoaderConversion> out;
    const Value* ofClass = m_root.find("classes")->find(className);
    const Value* list = ofClass ? ofClass->find("conversions") : nullptr;
    for (const Value& item : itemsOf(list ? list : m_root.find("conversions"))) {
        auto conversion = parseConversion(item);
        if (!conversion)
            return failure(syntax(conversion.error().message));
        out.push_back(std::move(*conversion));
    }
    return out;
}

Result<ArchitectureClass> ArchitectureSpec::compile(const std::string& className) const
{
    ArchitectureClass out;
    auto lines = expand(className, 0);
    if (!lines)
        return tl::unexpected(lines.error());
    for (const Line& line : *lines)
        if (auto tensors = appendTensors(line.name, *line.parts, out.lines); !tensors)
            return failure(Error(tensors.error()).at(m_path));
    if (auto done = appendTiesAndRefusals(className, "", out); !done)
        return failure(Error(done.error()).at(m_path));
    const Value* found = m_root.find("classes")->find(className);
    out.ignoreMissing = texts(found->find("ignore_missing"));
    out.ignoreUnexpected = texts(found->find("ignore_unexpected"));
    out.baseModelPrefix = baseModelPrefix(className);
    return out;
}

std::vector<std::string> ArchitectureSpec::foldedNames(const std::string& className) const
{
    std::vector<std::string> out;
    const auto lines = expand(className, 0);
    for (const Line& line : lines ? *lines : std::vector<Line>{})
        out.push_back(foldedName(line.name) + ((*line.parts)[1].isMap() ? "." : ""));
    return out;
}

/// The model type of a sub-config's default, by its path.
std::string ArchitectureSpec::defaultTypeOf(const std::string& path) const
{
    const Value* description = config("");
    std::string out;
    for (const std::string_view part : split(path, '.')) {
        const Value* sub = description ? description->find("sub") : nullptr;
        const Value* rules = sub ? sub->find(part) : nullptr;
        out = textOf(rules ? rules->find("model_type") : nullptr);
        const Value* name = rules ? rules->find("config") : nullptr;
        description = name ? config(name->stringOr("")) : nullptr;
    }
    return out;
}

std::vector<DefaultModel> ArchitectureSpec::defaultModels(const std::string& className) const
{
    std::vector<DefaultModel> out;
    const auto lines = expand(className, 0);
    for (const Line& line : lines ? *lines : std::vector<Line>{}) {
        const Value& shape = (*line.parts)[1];
        if (const Value* path = shape.find("model"))
            out.push_back({foldedName(line.name) + ".", defaultTypeOf(path->stringOr("")), textOf(shape.find("as")), textOf(shape.find("class"))});
    }
    return out;
}

/// The lines of a class with those of the classes that it uses in their places; names with their prefixes.
Result<std::vector<ArchitectureSpec::Line>> ArchitectureSpec::expand(const std::string& className, size_t depth) const
{
    const Value* found = m_root.find("classes")->find(className);
    if (!found || !found->isMap())
        return failure(Error("unknown-class", fmt::format("The class {} is not known for model type {}.", shown(className), shown(modelType()))));
    if (depth > maximumDepth)
        return failure(syntax("its classes use each other in a circle, or too deep"));
    std::vector<Line> out;
    for (const Value& line : itemsOf(found->find("lines"))) {
        const auto* parts = line.list();
        if (const Value* base = line.find("use")) {
            auto inner = expand(base->stringOr(""), depth + 1);
            if (!inner)
                return inner;
            const std::string prefix = textOf(line.find("prefix"));
            const auto leftOut = texts(line.find("without"));
            for (Line& item : *inner)
                if (!isLeftOut(item.name, leftOut))
                    out.push_back({prefix + item.name, item.parts});
        } else if (parts && (parts->size() == 2 || parts->size() == 3) && (*parts)[0].isString()) {
            out.push_back({*(*parts)[0].string(), parts});
        } else {
            return failure(syntax("a line is [name, shape, options] or {\"use\": class, \"prefix\": text}"));
        }
        if (out.size() > maximumLines)
            return failure(syntax("a class has too many lines"));
    }
    return out;
}

/// expand() has already refused circles.
Result<void> ArchitectureSpec::appendTiesAndRefusals(const std::string& className, const std::string& prefix, ArchitectureClass& out) const
{
    const Value* found = m_root.find("classes")->find(className);
    for (const Value& line : itemsOf(found->find("lines")))
        if (const Value* base = line.find("use"))
            if (auto done = appendTiesAndRefusals(base->stringOr(""), prefix + textOf(line.find("prefix")), out); !done)
                return done;
    return appendAll(itemsOf(found->find("refuse")), out.refusals, parseRefusal).and_then([&] {
        return appendAll(itemsOf(found->find("tied")), out.tied, [&prefix](const Value& line) { return parseTie(itemsOf(&line), prefix); });
    });
}

} // namespace weighbridge
