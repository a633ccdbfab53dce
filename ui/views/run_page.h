// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/jobs/job_runner.h"
#include "ui/models/document.h"
#include "ui/models/run_answer.h"

#include "core/base/value.h"

#include <QWidget>

#include <optional>
#include <string>

class QFormLayout;
class QPlainTextEdit;
class QPushButton;
class QSplitter;

namespace weighbridge {

class BarList;
class ActivationPlot;
class ResultsTable;
class RunInput;
class Segments;
class TextLabel;
class TokenStrip;

/// Runs the open checkpoint on a text, in a process of its own, and shows what comes out: tokens, predictions, activations, time.
class RunPage : public QWidget {
    Q_OBJECT
public:
    /// Asks the worker and gives its answer; a test puts its own in.
    using Ask = std::function<Result<Value>(const Value& request, JobContext& job)>;

    explicit RunPage(Document& document, QWidget* parent = nullptr);
    void setAsk(Ask ask) { m_ask = std::move(ask); }

    void run();
    void stop();
    void resetLayout();
    [[nodiscard]] bool isRunning() const { return m_runner.isRunning(); }
    [[nodiscard]] QPlainTextEdit* input() const;
    [[nodiscard]] RunInput* settings() const { return m_input; }
    [[nodiscard]] BarList* results() const { return m_results; }
    [[nodiscard]] ResultsTable* table() const { return m_table; }
    [[nodiscard]] Segments* resultsChoice() const { return m_choice; } ///< bars or table
    [[nodiscard]] QList<QWidget*> panels() const; ///< for F6
    [[nodiscard]] QString sentence() const;
    [[nodiscard]] QString status() const; ///< below the sentence
    [[nodiscard]] QString besideSentence() const; ///< where two models part; empty if one ran alone

Q_SIGNALS:
    void runningChanged(bool running);

protected:
    void showEvent(QShowEvent* event) override;

private:
    QWidget* makeResults();
    QWidget* makeMeasurements();
    void listDevices();
    void forget();
    void clearAnswer();
    void take(Result<Value> answer);
    void showAnswer(const RunAnswer& answer);
    void showResults();
    void showProgress(const Progress& progress);
    [[nodiscard]] bool mayExecute();

    Document& m_document;
    Ask m_ask;
    JobRunner m_runner;
    JobRunner m_deviceRunner;
    bool m_hasLayout = false;
    std::optional<std::string> m_devicesOf; ///< the other machine that the list is of, empty for this one alone; nothing: not listed yet
    QSplitter* m_columns;
    RunInput* m_input;
    Value m_answer; ///< the last one, as it came
    TextLabel* m_sentence;
    TextLabel* m_status;
    TokenStrip* m_tokens;
    TextLabel* m_resultsTitle;
    Segments* m_choice;
    BarList* m_results;
    ResultsTable* m_table;
    TextLabel* m_tokensTitle;
    TextLabel* m_proofTitle;
    TextLabel* m_proofLine;
    BarList* m_proof;
    ActivationPlot* m_std;
    ActivationPlot* m_mean;
    ActivationPlot* m_change;
    ActivationPlot* m_distance;
    TextLabel* m_health;
    TextLabel* m_besideLine;
    TextLabel* m_timeTitle;
    QFormLayout* m_measurements;
    QPushButton* m_copy;
};

} // namespace weighbridge
