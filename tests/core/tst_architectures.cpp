// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/architecture/architecture_spec.h"
#include "core/architecture/expected_model.h"

#include <QElapsedTimer>
#include <QtTest>

#include <random>
#include <set>

using namespace weighbridge;

namespace {

constexpr int configsPerSpec = 20;

/// Another value of the same kind: sizes that fit together badly, switches, texts that nobody expects.
Value drawn(const Value& value, std::mt19937& random)
{
    const auto pick = [&random](auto list) { return *(list.begin() + static_cast<std::ptrdiff_t>(random() % list.size())); };
    if (random() % 3 != 0)
        return value;
    if (value.boolean())
        return Value(!*value.boolean());
    if (const int64_t* whole = value.integer())
        return Value(pick(std::initializer_list<int64_t>{0, 1, 2, 3, 7, 64, -1, *whole / 2, std::min<int64_t>(*whole, 4096) * 2}));
    if (value.isNull())
        return random() % 2 ? Value() : Value(int64_t{8});
    if (const auto* list = value.list(); list && !list->empty())
        return Value(Value::List(list->begin(), list->end() - 1));
    if (value.isString())
        return random() % 4 ? value : Value("nothing of the kind");
    return value;
}

Config drawnConfig(const ArchitectureSpec& spec, std::mt19937& random)
{
    Value root(Value::Map{{"model_type", spec.modelType()}});
    if (const Value* fields = spec.config("")->find("fields"); fields && fields->map())
        for (const auto& [name, value] : *fields->map())
            root.set(name, drawn(value, random));
    return {std::move(root), "/nowhere/config.json", "json", {}};
}

} // namespace

/// Every specification of the program, with its defaults and with configs that were drawn at random: an answer, or an error that says why.
class TstArchitectures : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everySpecificationCanBeRead()
    {
        ArchitectureLibrary library("");
        for (const std::string& modelType : library.modelTypes()) {
            const auto spec = library.find(modelType);
            QVERIFY2(spec, modelType.c_str());
            QCOMPARE((*spec)->modelType(), modelType);
            const auto names = (*spec)->classNames();
            QVERIFY2(std::find(names.begin(), names.end(), (*spec)->baseClass()) != names.end(), modelType.c_str());
            for (const std::string& name : names) {
                const auto compiled = (*spec)->compile(name);
                QVERIFY2(compiled, compiled ? "" : compiled.error().message.c_str());
                QVERIFY2((*spec)->conversions(name), name.c_str());
            }
        }
    }
    void anyConfigIsAnsweredOrRefused()
    {
        ArchitectureLibrary library("");
        std::mt19937 random(20261124);
        static const std::set<std::string> rules{"unknown-class", "unknown-model-type", "bad-shape", "config-missing", "resource-bomb"};
        size_t answers = 0;
        for (const std::string& modelType : library.modelTypes()) {
            const auto spec = library.find(modelType);
            QVERIFY2(spec, modelType.c_str());
            const auto names = (*spec)->classNames();
            for (int i = 0; i < configsPerSpec; ++i) {
                JobContext job;
                const auto model = expectedModel(library, drawnConfig(**spec, random), names[static_cast<size_t>(i) % names.size()], job);
                QVERIFY2(model || rules.contains(model.error().rule), (modelType + ": " + (model ? "" : model.error().rule + " " + model.error().message)).c_str());
                answers += model && !model->tensors.empty() ? 1 : 0;
            }
        }
        qInfo("%zu models were described", answers);
        QVERIFY(answers > 0);
    }
    void oneModelTakesMilliseconds()
    {
        Config config{Value(Value::Map{{"model_type", "llama"}, {"num_hidden_layers", int64_t{110}}}), "/nowhere/config.json", "json", {}};
        QElapsedTimer timer;
        timer.start();
        JobContext job;
        const auto model = expectedModel(config, "LlamaForCausalLM", job);
        QVERIFY2(model, model ? "" : model.error().message.c_str());
        QCOMPARE(model->tensors.size(), size_t(9 * 110 + 3));
        qInfo("%zu tensors in %lld ms", model->tensors.size(), timer.elapsed());
        QVERIFY(timer.elapsed() < 500); // some 10 ms; sanitizers and a busy machine take longer
    }
};

QTEST_APPLESS_MAIN(TstArchitectures)
#include "tst_architectures.moc"
