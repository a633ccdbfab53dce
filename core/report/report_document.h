// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"
#include "core/base/value.h"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What a report says, block by block, before it has a form: Markdown, HTML and PDF write the same document. All texts are plain text that may
/// be shown as it is (what comes from a file has gone through shown()), UTF-8.
namespace weighbridge {

/// The verdict, on top of the first page.
struct TitleBlock {
    std::string kicker;   ///< "Checkpoint report"
    std::string glyph;    ///< name of an icon in resources/icons, "verdict-usable"
    std::string text;
    std::string lead;     ///< the sentence below
};

struct HeadingBlock {
    enum Level { Chapter = 1, Section = 2, Part = 3 };
    int level = Section;
    std::string text;
    std::string glyph;    ///< empty: none
    std::string number;   ///< of a chapter: "1"; chapters are what the contents list
    std::string anchor;   ///< what links name: "chapter-1"; empty: none
    bool isLong = false;  ///< a chapter that only few will read: outputs may fold it away
};

struct ParagraphBlock {
    enum class Kind : uint8_t { Body, Lead, Caption };
    Kind kind = Kind::Body;
    std::string text;
};

/// Numbers in large type, each with what it counts.
struct ReadoutsBlock {
    struct Readout {
        std::string number;
        std::string caption;
    };
    std::vector<Readout> readouts;
};

/// A text in a figure, apart from its SVG: QtSvg draws texts as outlines, which cannot be searched.
struct FigureLabel {
    enum class Anchor : uint8_t { Start, Middle, End };
    double x = 0;         ///< of the anchor
    double y = 0;         ///< of the base line
    double size = 0;
    Anchor anchor = Anchor::Start;
    bool isBold = false;
    std::string colour;
    std::string text;
};

/// A drawing as SVG, `width` x `height` units of which figureWidth make the width of a text column. Colours are names, `fill="$missing"`,
/// that each output replaces (withColours()); only what QtSvg draws too: rect, line, polyline, path.
struct FigureBlock {
    double width = 0;
    double height = 0;
    std::string svg;
    std::vector<FigureLabel> labels;
    std::string caption;
    std::string text;     ///< the same for outputs without drawings, and for screen readers
};
inline constexpr double figureWidth = 500;

struct TableCell {
    std::string text;
    std::string more;     ///< a second paragraph of the cell
    std::string glyph;
    std::string link;     ///< an anchor of this document
    bool isStrong = false;
};

struct TableColumn {
    enum class Kind : uint8_t {
        Text,
        Number, ///< aligned right, never broken
        Name,   ///< of a tensor or file: fixed font where there is room, broken at dots if at all
        Glyph,  ///< as wide as a glyph
    };
    std::string head;     ///< empty in all columns: the table has no head
    Kind kind = Kind::Text;
    double share = 0;     ///< of the width, for text that is broken; 0: as wide as it needs
};

struct TableBlock {
    std::vector<TableColumn> columns;
    std::vector<std::vector<TableCell>> rows; ///< each as long as columns
};

struct CodeBlock {
    std::string language; ///< "python", "sh"
    std::string text;
};

/// The list of the chapters, with their pages where there are pages.
struct ContentsBlock {};

using ReportBlock = std::variant<TitleBlock, HeadingBlock, ParagraphBlock, ReadoutsBlock, FigureBlock, TableBlock, CodeBlock, ContentsBlock>;

struct ReportDocument {
    std::string title;    ///< for the window's title bar and the file's metadata
    std::string program;  ///< "Weighbridge 1.0"
    std::string subject;  ///< "sts-run-4/checkpoint-1200"
    std::string date;     ///< "2026-11-22 14:02 UTC"
    std::vector<ReportBlock> blocks;
};

/// For the program that writes the PDF: one JSON document, and back. Error `worker` for anything that is none.
[[nodiscard]] Value toValue(const ReportDocument& document);
[[nodiscard]] Result<ReportDocument> documentFromValue(const Value& value);

} // namespace weighbridge
