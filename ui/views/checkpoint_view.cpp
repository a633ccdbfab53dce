// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/checkpoint_view.h"

#include "core/base/text.h"
#include "core/report/report_plots.h"
#include "ui/models/numbers.h"
#include "ui/models/tensor_texts.h"
#include "ui/views/banner.h"
#include "ui/views/compare_page.h"
#include "ui/views/empty_state.h"
#include "ui/views/load_strip.h"
#include "ui/views/run_page.h"
#include "ui/views/structure_page.h"
#include "ui/views/tensor_view.h"
#include "ui/views/verdict_band.h"
#include "ui/views/weights_page.h"

#include <QAction>
#include <QDateTime>
#include <QStackedWidget>
#include <QTreeView>
#include <QVBoxLayout>

#include <algorithm>
#include <optional>

namespace weighbridge {
namespace {

/// core cuts a verdict that is too long for a line of a terminal. The band elides it by itself, and half a sentence cannot be translated: so the
/// title that it was made of is put back.
std::string wholeSentence(const CheckResult& check)
{
    constexpr std::string_view ellipsis = "…";
    const std::string& sentence = check.sentence;
    const size_t title = sentence.find(": ") + 2;
    if (!sentence.ends_with(ellipsis) || title < 2 || title + 1 + ellipsis.size() >= sentence.size())
        return sentence;
    const std::string_view rest =
        std::string_view(sentence).substr(title + 1, sentence.size() - title - 1 - ellipsis.size()); // its first letter became small
    const auto found = std::find_if(check.findings.begin(), check.findings.end(), [rest](const Finding& finding) {
        return !finding.title.empty() && std::string_view(finding.title).substr(1).starts_with(rest);
    });
    return found == check.findings.end() ? sentence : sentence.substr(0, title) + found->title;
}

Glyph glyphOf(Verdict verdict)
{
    switch (verdict) {
    case Verdict::Usable: return Glyph::VerdictUsable;
    case Verdict::UsableAfterFix: return Glyph::VerdictAfterFix;
    case Verdict::NotUsable: return Glyph::VerdictNotUsable;
    }
    return Glyph::Note;
}

/// Why the sentence counts more tensors than the file holds.
QString tiedToolTip(const TensorRows& rows)
{
    if (rows.tiedCount() == 0)
        return {};
    return CheckpointView::tr("%n tensor(s) tied to another: stored once, under the other name", nullptr, int(rows.tiedCount())) + u'\n' +
           tiedPairs(rows).join(u'\n');
}

VerdictBand::Content contentOf(const CheckResult& check, const Document& document)
{
    VerdictBand::Content content;
    const bool isJudged = check.comparison || check.verdict != Verdict::Usable;
    content.glyph = isJudged ? glyphOf(check.verdict) : Glyph::Note; // readable is not yet usable
    content.sentence = fromCore(wholeSentence(check));
    content.subSentence = fromCore(check.subSentence);
    if (!check.comparison || check.comparison->expectedParameters == 0)
        return content;
    const Comparison& comparison = *check.comparison;
    content.toolTip = tiedToolTip(*document.rows());
    const Finding* first = check.findings.empty() ? nullptr : &check.findings.front();
    if (first && (first->rule == "never-loaded-layer" || first->rule == "whole-model-random")) {
        const uint64_t whole = document.totals().parameters;
        content.before = percentText(whole - std::min(whole, document.firstFindingParameters()), whole);
        content.caption = CheckpointView::tr("of %1 parameters are trained").arg(QString::fromStdString(groupDigits(whole)));
        return content;
    }
    content.before = percentText(comparison.matchedParameters, comparison.expectedParameters);
    content.beforeRole = comparison.matchedParameters == comparison.expectedParameters ? Role::Text : Role::Missing;
    const QString whole = QString::fromStdString(groupDigits(comparison.expectedParameters));
    content.caption = CheckpointView::tr("of %1 parameters load").arg(whole);
    if (check.afterFix) {
        content.after = percentText(check.afterFix->comparison->matchedParameters, check.afterFix->comparison->expectedParameters);
        content.caption = CheckpointView::tr("of %1 parameters load, now and after the fix").arg(whole);
    }
    return content;
}

/// In few words: the edit that was taken, else the sentence.
QString nameOfFix(const Finding& finding)
{
    const auto taken = std::find_if(finding.tried.begin(), finding.tried.end(), [](const Trial& trial) { return trial.isTaken; });
    return fromCore(taken == finding.tried.end() ? finding.fix.text : taken->text);
}

/// What the run says of the model, in the place of what its papers say.
VerdictBand::Content contentOf(const RunAnswer& answer)
{
    VerdictBand::Content content;
    const bool isGood = !answer.hasBrokenLayer() && !answer.lossWithoutSuspect && answer.verdict != QLatin1String("guesses");
    content.glyph = isGood ? Glyph::VerdictUsable : Glyph::VerdictNotUsable;
    content.sentence = answer.sentence();
    content.subSentence = answer.explanation();
    return content;
}

} // namespace

CheckpointView::CheckpointView(Document& document, const Buttons& buttons, QWidget* parent)
    : QWidget(parent), m_document(document), m_buttons(buttons), m_verdict(new VerdictBand), m_strip(new LoadStrip), m_banner(new Banner), m_pages(new QStackedWidget),
      m_structure(new StructurePage(document)), m_weights(new WeightsPage(document)), m_compare(new ComparePage(buttons.compareWith)), m_run(new RunPage(document))
{
    m_pages->addWidget(m_structure);
    m_pages->addWidget(m_weights);
    m_pages->addWidget(m_compare);
    m_pages->addWidget(m_run);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_verdict);
    column->addWidget(m_strip);
    column->addWidget(m_banner);
    column->addWidget(m_pages, 1);

    for (const auto signal : {&Document::headerLoaded, &Document::expectedChanged, &Document::checked}) {
        connect(&m_document, signal, this, &CheckpointView::showVerdict);
        connect(&m_document, signal, this, &CheckpointView::showStrip);
    }
    connect(&m_document, &Document::afterFixChanged, this, &CheckpointView::showStrip);
    connect(&m_document, &Document::pathsChanged, this, &CheckpointView::compareIfAsked);
    connect(&m_document, &Document::headerLoaded, this, &CheckpointView::compareIfAsked);
    connect(&m_document, &Document::selectionChanged, this, &CheckpointView::followSelection);
    connect(&m_document, &Document::fileChanged, this, &CheckpointView::showFileChange);
    connect(&m_document, &Document::headerLoaded, this, &CheckpointView::showDamage);
    connect(&m_document, &Document::repaired, this, &CheckpointView::showRepair);
    connect(&m_document, &Document::statisticsGiven, this, &CheckpointView::showGivenStatistics);
    connect(&m_document, &Document::selectionChanged, this, [this] { m_strip->setSelectedRow(m_document.selectedRow()); });
    connect(m_banner, &Banner::firstClicked, this, [this] {
        if (m_bannerAct)
            m_bannerAct();
    });
    connect(m_banner, &Banner::secondClicked, this, [this] {
        if (m_document.fileHasChanged())
            m_document.keep();
        m_banner->hide();
    });
    connect(m_run, &RunPage::answered, this, &CheckpointView::showVerdict);
    connect(&m_compare->document(), &ComparisonDocument::stateChanged, this, &CheckpointView::showVerdict);
    connect(&m_compare->document(), &ComparisonDocument::valuesReady, this, &CheckpointView::showVerdict);
    connect(&m_compare->document(), &ComparisonDocument::selectionChanged, this, [this] {
        const ComparisonDocument& comparison = m_compare->document();
        const int pair = comparison.selected();
        if (pair >= 0 && comparison.difference()->a == m_document.checkpoint() && comparison.difference()->pairs[size_t(pair)].a >= 0)
            m_document.select(TensorId{TensorId::Side::Found, comparison.difference()->pairs[size_t(pair)].a});
    });
    connect(m_strip, &LoadStrip::activated, this, [this](StripRow::Kind kind, int tensorRow) {
        const TensorRowsPtr rows = m_document.rows(kind == StripRow::Kind::AfterFix ? View::AfterFix : View::AsItLoads);
        if (rows && tensorRow >= 0)
            m_document.select(rows->rows()[size_t(tensorRow)].id);
    });
}

void CheckpointView::setPage(Page page)
{
    m_pages->setCurrentIndex(page);
    m_strip->setVisible(page != RunPageIndex && page != ComparePageIndex);
    showVerdict();
}

CheckpointView::Page CheckpointView::page() const
{
    return Page(m_pages->currentIndex());
}

QWidget* CheckpointView::mainPanel() const
{
    switch (page()) {
    case StructurePageIndex:
        return m_structure->tensors()->tree();
    case WeightsPageIndex:
        return m_weights->panels().front();
    case ComparePageIndex:
        return m_compare->mainPanel();
    case RunPageIndex:
        return m_run->panels().front();
    }
    return m_pages;
}

std::optional<Severity> CheckpointView::worstOf(Page page) const
{
    std::optional<Severity> worst;
    if (!m_document.check() || page > WeightsPageIndex)
        return worst;
    for (const Finding& finding : m_document.findings()) {
        if (isAboutValues(finding) == (page == WeightsPageIndex))
            worst = std::max(worst.value_or(finding.severity), finding.severity);
    }
    return worst;
}

void CheckpointView::showVerdict()
{
    if (page() == ComparePageIndex && m_compare->document().difference())
        return showComparison();
    if (page() == RunPageIndex && m_run->answer()) {
        m_verdict->setContent(contentOf(*m_run->answer()));
        m_verdict->setAction(nullptr, false);
        return;
    }
    const auto check = m_document.check();
    const CheckpointPtr checkpoint = m_document.checkpoint();
    VerdictBand::Content content;
    if (check && !check->sentence.empty()) {
        content = contentOf(*check, m_document);
    } else if (checkpoint) {
        content.glyph = Glyph::Note;
        content.sentence = tr("%1: %2 tensors").arg(fileName(checkpoint->path), QString::fromStdString(groupDigits(checkpoint->tensors.size())));
        content.subSentence = m_document.isChecking() ? tr("Checking whether it fits")
                                                      : tr("%1 parameters").arg(QString::fromStdString(groupDigits(m_document.totals().parameters)));
    } else if (const auto expected = m_document.expected()) {
        content.glyph = Glyph::Note;
        content.sentence = tr("%1 expects %2 tensors").arg(QString::fromStdString(shown(expected->className)), QString::fromStdString(groupDigits(expected->tensors.size())));
        content.subSentence = tr("Drop a checkpoint to see whether it fits.");
    }
    m_verdict->setContent(content);
    const bool hasFix = check && check->verdict != Verdict::Usable && !check->findings.empty() && !check->findings.front().fix.python.empty();
    const bool canRepair = check && mayRepair(*check);
    m_verdict->setAction(m_document.error() ? m_buttons.saveReadable
                         : canRepair        ? m_buttons.saveRepaired
                         : hasFix           ? m_buttons.copyFix
                                            : nullptr,
                         check && check->verdict == Verdict::UsableAfterFix);
}

void CheckpointView::showStrip()
{
    const TensorRowsPtr rows = m_document.rows();
    if (!rows)
        return;
    const TensorRowsPtr afterFix = m_document.rows(View::AfterFix);
    LoadStrip::Labels labels;
    if (const auto expected = m_document.expected()) {
        QStringList words;
        if (!expected->sourcePath.empty())
            words << fileName(expected->sourcePath);
        if (!expected->className.empty())
            words << QString::fromStdString(shown(expected->className));
        labels[size_t(StripRow::Kind::Expected)] = words.join(QStringLiteral(" · "));
    }
    if (const CheckpointPtr checkpoint = m_document.checkpoint())
        labels[size_t(StripRow::Kind::Found)] = fileName(checkpoint->weightsPath.empty() ? checkpoint->path : checkpoint->weightsPath);
    if (afterFix)
        labels[size_t(StripRow::Kind::AfterFix)] = nameOfFix(m_document.findings()[size_t(m_document.selectedFinding())]);
    const auto show = [this, labels](const std::shared_ptr<const Strip>& strip) {
        m_strip->setStrip(strip, labels, [this](StripRow::Kind kind, int row) { return describe(kind, row); });
        m_strip->setSelectedRow(m_document.selectedRow());
    };
    constexpr size_t builtAtOnce = 5'000;
    m_stripRunner.drop();
    if (rows->rows().size() <= builtAtOnce)
        return show(std::make_shared<const Strip>(buildStrip(*rows, afterFix.get())));
    using StripPtr = std::shared_ptr<const Strip>;
    m_stripRunner.start<StripPtr>(
        [rows, afterFix](JobContext&) -> Result<StripPtr> {
            return std::make_shared<const Strip>(buildStrip(*rows, afterFix.get()).reduced(Strip::finest));
        },
        [show](const Result<StripPtr>& strip) {
            if (strip)
                show(*strip);
        });
}

QString CheckpointView::describe(StripRow::Kind kind, int tensorRow) const
{
    const TensorRowsPtr rows = m_document.rows(kind == StripRow::Kind::AfterFix ? View::AfterFix : View::AsItLoads);
    if (!rows || tensorRow < 0 || size_t(tensorRow) >= rows->rows().size())
        return {};
    const TensorRow& row = rows->rows()[size_t(tensorRow)];
    const TensorInfo* found = rows->foundOf(row);
    const ExpectedTensor* expected = rows->expectedOf(row);
    const bool isOfFile = !expected || (kind != StripRow::Kind::Expected && found);
    return tr("%1, %2, %3")
        .arg(QString::fromStdString(shown(row.name)), isOfFile ? shapeText(found->shape) : fromCore(formatShape(*expected)), stateWord(row.state));
}

/// What B is to A, with the relative change as the number.
void CheckpointView::showComparison()
{
    const Difference& difference = *m_compare->document().difference();
    VerdictBand::Content content;
    content.glyph = Glyph::Compare;
    content.sentence = fromCore(difference.relation.sentence);
    content.subSentence = fromCore(difference.relation.subSentence);
    if (m_compare->document().state() == ComparisonDocument::State::Comparing || content.sentence.isEmpty()) {
        content.sentence = tr("%1 against %2").arg(fileName(difference.a->path), fileName(difference.b->path));
        content.subSentence = tr("Comparing the values");
    } else if (difference.hasValues) {
        content.before = changeText(difference.relation.relativeChange);
        content.caption = tr("relative change of all shared weights");
    }
    m_verdict->setContent(content);
    m_verdict->setAction(m_buttons.swapSides, false);
}

/// Starts a comparison once both sides are known; again only if one of them has changed.
void CheckpointView::compareIfAsked()
{
    const CheckpointPtr a = m_document.checkpoint();
    if (!a || m_document.state() != Document::State::Loaded || (a == m_comparedA && m_document.pathB() == m_comparedB))
        return;
    m_comparedA = a;
    m_comparedB = m_document.pathB();
    if (m_comparedB.isEmpty())
        m_compare->document().clear();
    else
        m_compare->document().compare(a, m_comparedB);
}

void CheckpointView::followSelection()
{
    const auto& difference = m_compare->document().difference();
    const int row = m_document.selectedRow();
    if (!difference || difference->a != m_document.checkpoint() || row < 0)
        return;
    const int found = m_document.rows()->rows()[size_t(row)].found;
    for (size_t i = 0; i < difference->pairs.size(); ++i)
        if (difference->pairs[i].a == found && found >= 0)
            return m_compare->document().select(int(i));
}

void CheckpointView::showFileChange()
{
    showBanner(Glyph::Note, tr("%1 changed on disk at %2. What you see is the state before.").arg(fileName(m_document.path()), QDateTime::currentDateTime().toString(QStringLiteral("hh:mm"))),
               tr("Reload   F5"), [this] { m_document.reload(); }, tr("Keep"));
}

/// Of a cut file what is left is shown, and above it why that is not all.
void CheckpointView::showDamage()
{
    const std::optional<Error>& error = m_document.error();
    if (!error) {
        m_banner->hide();
        return;
    }
    QString text = fromCore(error->message, 600);
    if (!error->readable.empty())
        text += QLatin1Char(' ') + tr("Shown is what can still be read.");
    if (!error->fix.empty())
        text += QLatin1Char(' ') + fromCore(error->fix);
    showBanner(Glyph::Error, text, tr("Reload   F5"), [this] { m_document.reload(); }, {});
}

/// Whose numbers the Weights page shows, or why those that were offered are not taken.
void CheckpointView::showGivenStatistics()
{
    const auto& given = m_document.givenStatistics();
    if (!given || (!*given && given->error().rule == "cancelled"))
        return;
    if (*given)
        showBanner(Glyph::Note,
                   tr("The statistics are those of %1, computed before: %n tensor(s), no values were read for them.", nullptr, int((*given)->tensors))
                       .arg(fileName((*given)->path)),
                   {}, {}, tr("Close"));
    else
        showBanner(Glyph::Warning, errorText(given->error()), {}, {}, tr("Close"));
}

void CheckpointView::showRepair()
{
    const Result<Repaired>& result = *m_document.repairResult();
    if (!result) {
        const Error& error = result.error();
        showBanner(error.rule == "cancelled" ? Glyph::Note : Glyph::Error,
                   error.rule == "cancelled" ? tr("The copy was stopped; nothing of it was left.") : errorText(error), {}, {}, tr("Close"));
        return;
    }
    const QString path = QString::fromStdString(result->copy.path);
    QString text = tr("%1 was written: %2 tensors, read back and compared.").arg(fileName(result->copy.path), QString::fromStdString(groupDigits(result->copy.verifiedTensors)));
    for (const std::string& assumption : result->plan.assumptions)
        text += QLatin1Char(' ') + tr("Assumed: %1.").arg(fromCore(assumption));
    for (const Finding& finding : result->plan.remaining)
        text += QLatin1Char(' ') + tr("Still wrong: %1.").arg(fromCore(finding.title));
    showBanner(result->plan.remaining.empty() ? Glyph::Matched : Glyph::Warning, text, tr("Open the copy"), [this, path] { Q_EMIT openRequested({path}); }, tr("Close"));
}

void CheckpointView::showBanner(Glyph glyph, const QString& text, const QString& button, std::function<void()> act, const QString& close)
{
    m_bannerAct = std::move(act);
    m_banner->showMessage(glyph, text, button, close);
}

} // namespace weighbridge
