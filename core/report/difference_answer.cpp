// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/difference_answer.h"

namespace weighbridge {
namespace {

Value shapeValue(const Shape& shape)
{
    return Value::List(shape.begin(), shape.end());
}

const char* name(Rounding rounding)
{
    switch (rounding) {
    case Rounding::None: return "none";
    case Rounding::Widened: return "same-values";
    case Rounding::Rounded: return "b-is-a-rounded";
    case Rounding::Narrower: return "a-is-b-rounded";
    case Rounding::Quantized: return "b-is-a-quantized";
    }
    return "";
}

Value valuesAnswer(const ValueDifference& values)
{
    return Value::Map{{"max_abs", values.maxAbs},
                      {"mean_abs", values.meanAbs},
                      {"rmse", values.rmse},
                      {"cosine", values.cosine},
                      {"relative_l2", values.relativeL2},
                      {"changed_fraction", values.changedFraction()},
                      {"changed", values.changed},
                      {"count", values.count},
                      {"not_finite", values.notFinite},
                      {"first_changed", values.isSame() ? Value() : shapeValue(values.firstChanged)},
                      {"bitwise_equal", values.isBitwiseEqual}};
}

Value fieldsAnswer(const FieldsDifference& fields)
{
    Value::List list;
    for (const FieldDifference& field : fields.differing) {
        Value::Map row{{"field", field.field}};
        if (field.a)
            row.emplace_back("a", *field.a);
        if (field.b)
            row.emplace_back("b", *field.b);
        list.push_back(std::move(row));
    }
    return list;
}

Value tokenizerAnswer(const TokenizerDifference& tokenizer)
{
    const auto idOrNull = [](int64_t id) { return id >= 0 ? Value(id) : Value(); };
    Value::List tokens;
    for (const TokenDifference& token : tokenizer.tokens)
        tokens.push_back(Value::Map{{"token", token.token}, {"a", idOrNull(token.a)}, {"b", idOrNull(token.b)}});
    return Value::Map{{"tokens_a", uint64_t(tokenizer.tokensA)}, {"tokens_b", uint64_t(tokenizer.tokensB)}, {"added", uint64_t(tokenizer.added)},
                      {"removed", uint64_t(tokenizer.removed)},  {"moved", uint64_t(tokenizer.moved)},      {"tokens", std::move(tokens)}};
}

Value relationAnswer(const Relation& relation)
{
    const auto texts = [](const std::vector<std::string>& list) { return Value::List(list.begin(), list.end()); };
    Value::Map map{{"kind", name(relation.kind)},
                   {"sentence", relation.sentence},
                   {"detail", relation.subSentence},
                   {"relative_change", relation.relativeChange},
                   {"moved_most", texts(relation.movedMost)},
                   {"frozen", texts(relation.frozen)},
                   {"random_in_b", texts(relation.randomInB)}};
    if (relation.rank > 0)
        map.emplace_back("rank", relation.rank);
    return map;
}

/// The lists of names, filled row by row.
class Lists {
public:
    explicit Lists(const Difference& difference) : m_difference(difference) {}

    void add(const TensorPair& pair)
    {
        const TensorInfo* a = pair.a >= 0 ? &m_difference.a->tensors[static_cast<size_t>(pair.a)] : nullptr;
        const TensorInfo* b = pair.b >= 0 ? &m_difference.b->tensors[static_cast<size_t>(pair.b)] : nullptr;
        if (!a || !b) {
            (a ? onlyA : onlyB).push_back((a ? a : b)->name);
            return;
        }
        const PairState state = stateOf(pair);
        same += state == PairState::Same || state == PairState::Renamed ? 1 : 0;
        if (state == PairState::Changed || (state == PairState::ShapeDiffers && pair.valuesDiffer()))
            changed.push_back(a->name);
        if (state == PairState::ShapeDiffers)
            shape.push_back(Value::Map{{"name", a->name}, {"a", shapeValue(a->shape)}, {"b", shapeValue(b->shape)}, {"transposed", !pair.axes.empty()}});
        if (pair.dtypeDiffers)
            dtype.push_back(dtypeRow(*a, *b, pair));
        if (pair.isRenamed())
            renamed.push_back(Value::Map{{"a", a->name}, {"b", b->name}, {"reason", name(pair.reason)}, {"rule", pair.rule}, {"transposed", !pair.axes.empty()}});
        if (pair.values)
            values.emplace_back(a->name, valuesAnswer(*pair.values));
        else if (!pair.valuesError.empty())
            notCompared.push_back(Value::Map{{"name", a->name}, {"reason", pair.valuesError}});
    }

    uint64_t same = 0;
    Value::List changed, onlyA, onlyB, shape, dtype, renamed, notCompared;
    Value::Map values;

private:
    static Value dtypeRow(const TensorInfo& a, const TensorInfo& b, const TensorPair& pair)
    {
        Value::Map row{{"name", a.name}, {"a", a.dtypeName()}, {"b", b.dtypeName()}};
        if (pair.values)
            row.emplace_back("rounding", name(pair.values->rounding));
        return row;
    }

    const Difference& m_difference;
};

} // namespace

Value differenceAnswer(const Difference& difference)
{
    Lists lists(difference);
    for (const TensorPair& pair : difference.pairs)
        lists.add(pair);
    return Value::Map{{"a", Value::Map{{"path", difference.a->path}, {"format", difference.a->format}, {"tensors", uint64_t(difference.a->tensors.size())}}},
                      {"b", Value::Map{{"path", difference.b->path}, {"format", difference.b->format}, {"tensors", uint64_t(difference.b->tensors.size())}}},
                      {"relation", relationAnswer(difference.relation)},
                      {"values_compared", difference.hasValues},
                      {"same", lists.same},
                      {"changed", std::move(lists.changed)},
                      {"only_a", std::move(lists.onlyA)},
                      {"only_b", std::move(lists.onlyB)},
                      {"shape", std::move(lists.shape)},
                      {"dtype", std::move(lists.dtype)},
                      {"renamed", std::move(lists.renamed)},
                      {"values", std::move(lists.values)},
                      {"not_compared", std::move(lists.notCompared)},
                      {"metadata", fieldsAnswer(difference.metadata)},
                      {"config", fieldsAnswer(difference.config)},
                      {"tokenizer", tokenizerAnswer(difference.tokenizer)}};
}

} // namespace weighbridge
