// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/report/pdf_links.h"

#include <QRegularExpression>

#include <algorithm>
#include <map>
#include <optional>

namespace weighbridge {
namespace {

/// The objects of a PDF with one cross-reference table. The bytes are our own program's, not a stranger's.
class PdfObjects {
public:
    explicit PdfObjects(const QByteArray& pdf) : m_pdf(pdf)
    {
        const qsizetype mark = pdf.lastIndexOf("startxref");
        m_table = mark < 0 ? -1 : pdf.mid(mark + 9, 32).simplified().split(' ').value(0).toLongLong();
        const QByteArray head = m_table > 0 ? pdf.mid(m_table, 64) : QByteArray();
        static const QRegularExpression form(QStringLiteral("^xref\\s+0 (\\d+)\\s"));
        const auto match = form.match(QString::fromLatin1(head));
        if (!match.hasMatch())
            return;
        constexpr qsizetype entryNbytes = 20;
        const int count = match.captured(1).toInt();
        const qsizetype first = m_table + match.capturedLength();
        for (int i = 0; i < count && first + (i + 1) * entryNbytes <= pdf.size(); ++i)
            m_offsets.push_back(pdf.mid(first + i * entryNbytes, 10).toLongLong());
        m_trailer = pdf.mid(first + count * entryNbytes, mark - first - count * entryNbytes);
    }

    [[nodiscard]] int count() const { return int(m_offsets.size()); }
    [[nodiscard]] qint64 table() const { return m_table; }
    [[nodiscard]] const QByteArray& trailer() const { return m_trailer; }
    /// What stands between "n 0 obj" and "endobj"; empty if it is no such object.
    [[nodiscard]] QByteArray body(int object) const
    {
        if (object < 1 || object >= count())
            return {};
        const qint64 at = m_offsets[size_t(object)];
        const QByteArray head = QByteArray::number(object) + " 0 obj";
        const qsizetype end = m_pdf.indexOf("endobj", at);
        return end < 0 || m_pdf.mid(at, head.size()) != head ? QByteArray() : m_pdf.mid(at + head.size(), end - at - head.size()).trimmed();
    }

private:
    const QByteArray& m_pdf;
    qint64 m_table = -1;
    std::vector<qint64> m_offsets;
    QByteArray m_trailer;
};

/// The number in "/Key n 0 R"; 0 if there is none.
int reference(const QByteArray& dictionary, const char* key)
{
    const QRegularExpression form(QStringLiteral("/%1\\s+(\\d+) 0 R").arg(QLatin1String(key)));
    return form.match(QString::fromLatin1(dictionary)).captured(1).toInt();
}

std::vector<int> pagesOf(const QByteArray& pageTree)
{
    std::vector<int> out;
    const qsizetype begin = pageTree.indexOf("/Kids");
    const QString kids = QString::fromLatin1(pageTree.mid(begin, pageTree.indexOf(']', begin) - begin));
    static const QRegularExpression form(QStringLiteral("(\\d+) 0 R"));
    for (auto all = form.globalMatch(kids); all.hasNext();)
        out.push_back(all.next().captured(1).toInt());
    return out;
}

/// A text string: UTF-16 with its byte order mark, in hexadecimal (ISO 32000-1, 7.9.2.2).
QByteArray textString(const QString& text)
{
    QByteArray out = "<FEFF";
    for (const QChar c : text)
        out += QByteArray::number(c.unicode(), 16).rightJustified(4, '0');
    return out + ">";
}

QByteArray number(double value)
{
    return QByteArray::number(value, 'f', 2);
}

/// What the update adds, and where in it each object begins.
class PdfUpdate {
public:
    PdfUpdate(const QByteArray& pdf, int firstFree) : m_pdf(pdf), m_next(firstFree) {}

    int reserve() { return m_next++; }
    void set(int object, const QByteArray& body)
    {
        m_offsets[object] = m_pdf.size() + m_text.size();
        m_text += QByteArray::number(object) + " 0 obj\n" + body + "\nendobj\n";
    }
    QByteArray finish(const PdfObjects& objects)
    {
        const qint64 table = m_pdf.size() + m_text.size();
        m_text += "xref\n";
        for (const auto& [object, offset] : m_offsets)
            m_text += QByteArray::number(object) + " 1\n" + QByteArray::number(offset).rightJustified(10, '0') + " 00000 n \n";
        QByteArray trailer = objects.trailer().trimmed();
        static const QRegularExpression size(QStringLiteral("/Size \\d+"));
        trailer = QString::fromLatin1(trailer).replace(size, QStringLiteral("/Size %1 /Prev %2").arg(m_next).arg(objects.table())).toLatin1();
        return m_text + trailer + "\nstartxref\n" + QByteArray::number(table) + "\n%%EOF\n";
    }

private:
    const QByteArray& m_pdf;
    int m_next;
    QByteArray m_text;
    std::map<int, qint64> m_offsets;
};

const PageTarget* targetNamed(const PaintedReport& report, const QString& anchor)
{
    const auto found = std::find_if(report.targets.begin(), report.targets.end(), [&anchor](const PageTarget& target) { return target.anchor == anchor; });
    return found == report.targets.end() ? nullptr : &*found;
}

} // namespace

bool addLinks(QByteArray& pdf, const PaintedReport& report)
{
    const PdfObjects objects(pdf);
    const int catalogue = reference(objects.trailer(), "Root");
    const QByteArray catalogueBody = objects.body(catalogue);
    const std::vector<int> pages = pagesOf(objects.body(reference(catalogueBody, "Pages")));
    if (int(pages.size()) != report.pages || !catalogueBody.endsWith(">>"))
        return false;
    static const QRegularExpression mediaBox(QStringLiteral("/MediaBox\\s*\\[\\s*\\S+\\s+\\S+\\s+\\S+\\s+(\\S+?)\\s*\\]"));
    const double height = mediaBox.match(QString::fromLatin1(objects.body(pages[0]))).captured(1).toDouble();
    if (height <= 0)
        return false;

    PdfUpdate update(pdf, objects.count());
    const auto destination = [&](const PageTarget& target) {
        return QByteArray("[" + QByteArray::number(pages[size_t(target.page)]) + " 0 R /XYZ 0 " + number(height - target.y + 8) + " 0]");
    };
    std::map<int, QByteArray> annotations; // by the object that holds a page's list of them
    for (const PageLink& link : report.links) {
        const PageTarget* target = targetNamed(report, link.anchor);
        const int list = reference(objects.body(pages[size_t(link.page)]), "Annots");
        if (!target || list == 0)
            continue;
        const int annotation = update.reserve();
        const QRectF& r = link.rect;
        update.set(annotation, "<< /Type /Annot /Subtype /Link /Border [0 0 0] /F 4 /Rect [" + number(r.left()) + " " + number(height - r.bottom()) + " " + number(r.right()) + " "
                                   + number(height - r.top()) + "] /Dest " + destination(*target) + " >>");
        annotations[list] += QByteArray::number(annotation) + " 0 R ";
    }
    for (const auto& [list, entries] : annotations)
        update.set(list, "[ " + entries + "]");

    if (!report.targets.empty()) {
        const int outline = update.reserve();
        const int first = outline + 1;
        const int last = outline + int(report.targets.size());
        update.set(outline, "<< /Type /Outlines /First " + QByteArray::number(first) + " 0 R /Last " + QByteArray::number(last) + " 0 R /Count " + QByteArray::number(report.targets.size()) + " >>");
        for (const PageTarget& target : report.targets) {
            const int item = update.reserve();
            const QByteArray previous = item > first ? " /Prev " + QByteArray::number(item - 1) + " 0 R" : QByteArray();
            const QByteArray next = item < last ? " /Next " + QByteArray::number(item + 1) + " 0 R" : QByteArray();
            update.set(item, "<< /Title " + textString(target.title) + " /Parent " + QByteArray::number(outline) + " 0 R" + previous + next + " /Dest " + destination(target) + " >>");
        }
        update.set(catalogue, catalogueBody.chopped(2) + "/Outlines " + QByteArray::number(outline) + " 0 R\n>>");
    }
    pdf += update.finish(objects);
    return true;
}

} // namespace weighbridge
