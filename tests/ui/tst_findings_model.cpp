// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/check_text.h"
#include "ui/models/findings_model.h"

#include <QAbstractItemModelTester>
#include <QtTest>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

Finding finding(std::string rule, Severity severity, std::string title, std::string because = {})
{
    Finding out;
    out.rule = std::move(rule);
    out.severity = severity;
    out.title = std::move(title);
    out.explanation = "How it is known.";
    out.because = std::move(because);
    return out;
}

} // namespace

class TstFindingsModel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void consequencesHangBelowTheirCause()
    {
        auto check = checkOf("a\nb\n", "m.a\nm.b\n", "m.");
        check->findings = {finding("key-prefix", Severity::Error, "Prefix m."), finding("missing", Severity::Error, "2 missing", "key-prefix"),
                           finding("dtype", Severity::Note, "All is F32")};
        check->findings[0].fix.coverageAfter = 1.0;
        FindingsModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setFindings(std::shared_ptr<const CheckResult>(check));
        QCOMPARE(model.rowCount(), 2);
        const QModelIndex cause = model.index(0, 0);
        QCOMPARE(cause.data().toString(), QStringLiteral("Prefix m."));
        QCOMPARE(cause.data(FindingsModel::GlyphRole).toString(), QStringLiteral("status-error"));
        QCOMPARE(cause.data(FindingsModel::ConsequencesRole).toStringList(), QStringList{QStringLiteral("From this: 2 missing")});
        QCOMPARE(cause.data(FindingsModel::ConsequenceGlyphsRole).toStringList(), QStringList{QStringLiteral("status-missing")});
        QCOMPARE(cause.data(FindingsModel::CoverageBeforeRole).toDouble(), 0.0);
        QCOMPARE(cause.data(FindingsModel::CoverageAfterRole).toDouble(), 1.0);
        QCOMPARE(model.index(0, 0, cause).data(FindingsModel::FindingRole).toInt(), 1);
        const QModelIndex note = model.index(1, 0);
        QCOMPARE(note.data(FindingsModel::FindingRole).toInt(), 2);
        QVERIFY(!note.data(FindingsModel::CoverageAfterRole).isValid());
        QCOMPARE(model.indexOfFinding(1).parent(), cause);
        QVERIFY(!model.indexOfFinding(3).isValid());
    }
    void consequencesAreCountedWhereNoFindingSaysThem()
    {
        auto check = checkOf("a\nb\n", "m.a\nm.b\n", "m.");
        check->findings = {finding("key-prefix", Severity::Error, "Prefix m.")};
        check->findings[0].fix.coverageAfter = 1.0;
        check->fixedFinding = 0;
        FindingsModel model;
        model.setFindings(std::shared_ptr<const CheckResult>(check));
        QCOMPARE(model.index(0, 0).data(FindingsModel::ConsequencesRole).toStringList(),
            (QStringList{QStringLiteral("From this: 2 missing"), QStringLiteral("From this: 2 unexpected")}));
    }
    void findingsThatNameEachOtherStayVisible()
    {
        auto check = checkOf("a\n", "a\n");
        check->findings = {finding("a", Severity::Error, "A", "b"), finding("b", Severity::Error, "B", "a"), finding("c", Severity::Error, "C", "nothing")};
        FindingsModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setFindings(std::shared_ptr<const CheckResult>(check));
        QCOMPARE(model.rowCount(), 3);
    }
    void textsFromFilesAreMadeSafe()
    {
        auto checkpoint = checkpointOf("a\n");
        checkpoint->findings = {finding("x", Severity::Warning, "a\xe2\x80\xaetitle")};
        checkpoint->findings[0].explanation = "one\ntwo\x1b[31m";
        FindingsModel model;
        model.setFindings(CheckpointPtr(checkpoint));
        QCOMPARE(model.index(0, 0).data().toString(), QStringLiteral("a\\u{202e}title"));
        QCOMPARE(model.index(0, 0).data(FindingsModel::LineRole).toString(), QStringLiteral("one\ntwo\\x1b[31m"));
    }
    void nothingFoundIsEmpty()
    {
        FindingsModel model;
        QCOMPARE(model.rowCount(), 0);
        model.setFindings(CheckpointPtr());
        QCOMPARE(model.rowCount(), 0);
    }
};

QTEST_APPLESS_MAIN(TstFindingsModel)
#include "tst_findings_model.moc"
