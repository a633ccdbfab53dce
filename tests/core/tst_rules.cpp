// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/json.h"
#include "core/diagnosis/environment.h"
#include "core/diagnosis/infer_config.h"
#include "core/diagnosis/layer_names.h"
#include "core/diagnosis/rule.h"
#include "tests/support/files.h"
#include "tests/support/model_file.h"

#include <QtTest>

#include <algorithm>
#include <set>

using namespace weighbridge;

namespace {

Shape shapeOf(const Value& list)
{
    Shape shape;
    for (const Value& size : *list.list())
        shape.push_back(*size.integer());
    return shape;
}

TensorInfo tensorOf(const Value& entry)
{
    const Value::List& list = *entry.list();
    TensorInfo tensor;
    tensor.name = *list[0].string();
    tensor.shape = shapeOf(list[1]);
    tensor.dtype = list.size() > 2 ? *dtypeByName(*list[2].string()) : DType::F32;
    return tensor;
}

/// One entry of tests/data/rules.json as facts: the tensors that the config asks for, with the entry's edits.
class Sample {
public:
    Sample(const Value& baseConfig, const Value& entry)
    {
        m_config.root = baseConfig;
        m_config.path = entry.find("configPath") ? *entry.find("configPath")->string() : "config.json";
        m_config.format = entry.find("configFormat") ? *entry.find("configFormat")->string() : "json";
        const std::string savedClass = entry.find("class") ? *entry.find("class")->string() : "BertModel";
        const std::string expectedClass = entry.find("expectedClass") ? *entry.find("expectedClass")->string() : savedClass;
        m_config.root.set("architectures", Value::List{expectedClass});
        const auto saved = expectedModel(m_config, savedClass, m_job);
        if (!saved)
            qFatal("%s", saved.error().message.c_str());
        if (const Value* changes = entry.find("config"))
            for (const auto& [key, value] : *changes->map())
                m_config.root.set(key, value);
        for (const ExpectedTensor& tensor : saved->tensors) {
            m_checkpoint.tensors.emplace_back();
            m_checkpoint.tensors.back().name = tensor.name;
            m_checkpoint.tensors.back().shape = tensor.shape;
            m_checkpoint.tensors.back().dtype = DType::F32;
        }
        edit(entry);
        describeFile(entry);
        gatherFacts(entry, expectedClass);
    }

    [[nodiscard]] std::vector<Finding> check(const Rule& rule) { return rule.check(m_facts, m_job); }

private:
    void edit(const Value& entry)
    {
        StateDict& tensors = m_checkpoint.tensors;
        if (const Value* list = entry.find("tensors")) {
            tensors.clear();
            for (const Value& tensor : *list->list())
                tensors.push_back(tensorOf(tensor));
        }
        for (const Value& part : listOf(entry, "drop"))
            std::erase_if(tensors, [&part](const TensorInfo& tensor) { return tensor.name.find(*part.string()) != std::string::npos; });
        for (TensorInfo& tensor : tensors) {
            for (const Value& pair : listOf(entry, "rename"))
                if (const size_t at = tensor.name.find(*(*pair.list())[0].string()); at != std::string::npos)
                    tensor.name.replace(at, (*pair.list())[0].string()->size(), *(*pair.list())[1].string());
            for (const Value& pair : listOf(entry, "reshape"))
                if (tensor.name.find(*(*pair.list())[0].string()) != std::string::npos)
                    tensor.shape = shapeOf((*pair.list())[1]);
            if (const Value* sizes = entry.find("replaceSize"))
                std::replace(tensor.shape.begin(), tensor.shape.end(), *(*sizes->list())[0].integer(), *(*sizes->list())[1].integer());
            if (const Value* prefix = entry.find("prefix"))
                tensor.name.insert(0, *prefix->string());
            if (const Value* dtype = entry.find("dtype"))
                tensor.dtype = *dtypeByName(*dtype->string());
        }
        for (const Value& tensor : listOf(entry, "add"))
            tensors.push_back(tensorOf(tensor));
    }

    void describeFile(const Value& entry)
    {
        m_checkpoint.format = entry.find("format") ? *entry.find("format")->string() : "safetensors";
        m_checkpoint.path = entry.find("path") ? *entry.find("path")->string() : "model.safetensors";
        if (entry.find("shards")) {
            m_checkpoint.shards = {{"model-00001-of-00002.safetensors", "safetensors", nullptr}, {"model-00002-of-00002.safetensors", "safetensors", nullptr}};
            m_checkpoint.tensors.back().storage.shard = 1;
        }
        if (entry.find("inconsistentIndex"))
            m_checkpoint.findings.emplace_back().rule = "inconsistent-index";
        if (const Value* metadata = entry.find("metadata"))
            m_checkpoint.metadata = *metadata;
        if (const Value* files = entry.find("files"))
            for (const auto& [name, text] : *files->map())
                m_checkpoint.tokenizerPaths.push_back(m_folder.write(QString::fromStdString(name), QByteArray::fromStdString(*text.string())));
        if (const Value* beside = entry.find("beside")) // files of tests/data
            for (const Value& name : *beside->list())
                m_checkpoint.files.push_back({test::dataPath(QString::fromStdString(*name.string())).toStdString(), 1, "other"});
        if (const Value* packages = entry.find("environment")) {
            m_environment.path = "env";
            for (const auto& [name, version] : *packages->map())
                m_environment.versions[name] = *version.string();
            m_facts.environment = &m_environment;
        }
        m_facts.checkpoint = &m_checkpoint;
    }

    void gatherFacts(const Value& entry, const std::string& expectedClass)
    {
        if (const Value* nbytes = entry.find("availableMemory"))
            m_facts.availableMemory = static_cast<uint64_t>(*nbytes->integer());
        if (const Value* error = entry.find("configError")) {
            m_error = Error(*(*error->list())[0].string(), *(*error->list())[1].string());
            m_facts.configError = &m_error;
        } else if (!entry.find("noConfig")) {
            m_facts.config = &m_config;
            m_expected = expectedModel(m_config, expectedClass, m_job);
            if (m_expected)
                m_facts.expected = &*m_expected;
            else
                m_facts.expectedError = &m_expected.error();
        }
        complete(m_facts, foundTensors(m_checkpoint));
        if (m_facts.expected) {
            m_comparison = compareToExpected(*m_expected, m_facts.found, m_job);
            m_facts.comparison = &m_comparison;
        } else if (!m_facts.config) {
            m_inferred = inferConfig(m_facts.found, m_job);
            m_facts.inferred = m_inferred ? &*m_inferred : nullptr;
        }
    }

    static Value::List listOf(const Value& entry, const char* key)
    {
        const Value* list = entry.find(key);
        return list ? *list->list() : Value::List{};
    }

    JobContext m_job;
    test::TemporaryFolder m_folder;
    Config m_config;
    Error m_error;
    Environment m_environment;
    Checkpoint m_checkpoint;
    Result<ExpectedModel> m_expected = failure("", "");
    Comparison m_comparison;
    std::optional<InferredConfig> m_inferred;
    Facts m_facts;
};

} // namespace

class TstRules : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        auto document = parseJson(test::readFile(test::dataPath(QStringLiteral("rules.json"))).toStdString());
        QVERIFY2(document.has_value(), document ? "" : document.error().message.c_str());
        m_samples = std::move(document->value);
    }

    void idsAreUnique()
    {
        std::set<std::string_view> ids;
        for (const Rule* rule : allRules())
            QVERIFY2(ids.insert(rule->info().id).second, std::string(rule->info().id).c_str());
    }

    void everyRuleHasAPageInTheManual()
    {
        const QString manual = QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/docs/manual/");
        const QByteArray index = test::readFile(manual + "rules.md");
        for (const Rule* rule : allRules()) {
            const QByteArray id = QByteArray::fromStdString(std::string(rule->info().id));
            const QByteArray page = test::readFile(manual + "rules/" + id + ".md");
            QVERIFY2(page.contains("Rule `" + id + "`.") && page.contains("## What to do"), id.constData());
            QVERIFY2(index.contains("(rules/" + id + ".md)"), id.constData());
        }
    }

    void everyRuleHasABadAndACleanSample_data() { rows(); }
    void everyRuleHasABadAndACleanSample()
    {
        QFETCH(int, index);
        const Rule& rule = *allRules()[static_cast<size_t>(index)];
        const std::string id(rule.info().id);
        const Value* entry = m_samples.find("rules")->find(id);
        QVERIFY2(entry && entry->find("bad") && entry->find("clean"), "tests/data/rules.json has no bad or no clean sample");
        const auto says = [&id](const std::vector<Finding>& findings) { return std::any_of(findings.begin(), findings.end(), [&id](const Finding& finding) { return finding.rule == id; }); };
        QVERIFY2(says(Sample(*m_samples.find("config"), *entry->find("bad")).check(rule)), "the bad sample is not found");
        QVERIFY2(!says(Sample(*m_samples.find("config"), *entry->find("clean")).check(rule)), "the clean sample is found");
    }

    void aVocabularyInAnotherEncodingIsNamedWithItsLine()
    {
        const auto rule =
            std::find_if(allRules().begin(), allRules().end(), [](const Rule* one) { return one->info().id == "tokenizer-unreadable"; });
        QVERIFY(rule != allRules().end());
        const auto findings = Sample(*m_samples.find("config"), Value::Map{{"files", Value::Map{{"vocab.txt", "a\nb\ncaf\xe9\n"}}}}).check(**rule);
        QCOMPARE(findings.size(), size_t(1));
        QCOMPARE(findings[0].title, std::string("vocab.txt is not UTF-8: line 3 cannot be decoded"));
        QCOMPARE(findings[0].severity, Severity::Error);
        const auto beside =
            Sample(*m_samples.find("config"), Value::Map{{"files", Value::Map{{"vocab.txt", "caf\xe9\n"}, {"tokenizer.json", "{}"}}}}).check(**rule);
        QCOMPARE(beside.size(), size_t(1));
        QCOMPARE(beside[0].severity, Severity::Warning); // loaders take tokenizer.json
    }

    /// A sample that is clean for one rule may be bad for others: those are named in it, and no more.
    void everyRuleIsSilentOnTheCleanSamplesOfTheOthers_data() { rows(); }
    void everyRuleIsSilentOnTheCleanSamplesOfTheOthers()
    {
        QFETCH(int, index);
        const Rule& rule = *allRules()[static_cast<size_t>(index)];
        for (const auto& [other, entry] : *m_samples.find("rules")->map()) {
            const Value& clean = *entry.find("clean");
            const Value* others = clean.find("badFor");
            const Value::List bad = others ? *others->list() : Value::List{};
            const bool isBad = std::any_of(bad.begin(), bad.end(), [&rule](const Value& id) { return id.stringOr("") == rule.info().id; });
            const std::vector<Finding> findings = Sample(*m_samples.find("config"), clean).check(rule);
            const std::string said = findings.empty() ? "nothing" : findings.front().title;
            QVERIFY2(findings.empty() != isBad, (other + ": " + said).c_str());
        }
    }

    void everyFindingIsSaidInFull_data() { rows(); }
    void everyFindingIsSaidInFull()
    {
        QFETCH(int, index);
        const Rule& rule = *allRules()[static_cast<size_t>(index)];
        const Value* entry = m_samples.find("rules")->find(rule.info().id);
        QVERIFY(entry);
        for (const Finding& finding : Sample(*m_samples.find("config"), *entry->find("bad")).check(rule)) {
            QVERIFY2(!finding.title.empty() && finding.title.size() <= 120 && !(finding.title.back() == '.' && !finding.title.ends_with("module.")), finding.title.c_str());
            QVERIFY2(finding.explanation.ends_with('.') || finding.explanation.ends_with(')'), finding.explanation.c_str());
            QVERIFY2(!finding.fix.text.empty(), finding.title.c_str());
            QVERIFY(!finding.fix.coverageAfter || (*finding.fix.coverageAfter >= 0 && *finding.fix.coverageAfter <= 1));
        }
    }

    void repeatedLayersAreMergedExactly()
    {
        QCOMPARE(mergedNames({"h.0.w", "h.1.w", "h.2.w", "h.5.w", "h.0.b", "wte"}), (std::vector<std::string>{"h.{0–2, 5}.w", "h.0.b", "wte"}));
    }
    void anIndexThatDoesNotFitIsNoLayer()
    {
        QVERIFY(!layerOf("h.99999999999999999999.w"));
        QVERIFY(!layerOf("h1.w"));
        QCOMPARE(layerOf("3")->index, int64_t(3));
    }

private:
    void rows()
    {
        QTest::addColumn<int>("index");
        for (size_t i = 0; i < allRules().size(); ++i)
            QTest::newRow(std::string(allRules()[i]->info().id).c_str()) << static_cast<int>(i);
    }

    Value m_samples;
};

QTEST_APPLESS_MAIN(TstRules)
#include "tst_rules.moc"
