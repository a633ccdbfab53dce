// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/run_sample.h"

#include <QStringList>

#include <array>

namespace weighbridge {
namespace {

/// The inputs are in English, whatever the window's language: most models were trained on it.
struct Entry {
    const char* name;
    const char* text;
    const char* pair;
};

constexpr std::array hiddenWord{
    Entry{QT_TRANSLATE_NOOP("weighbridge::RunSample", "capital"), "The capital of France is [MASK].", ""},
    Entry{QT_TRANSLATE_NOOP("weighbridge::RunSample", "temperature"), "Water boils at one hundred [MASK].", ""},
    Entry{QT_TRANSLATE_NOOP("weighbridge::RunSample", "two hidden words"), "The [MASK] sat on the [MASK].", ""},
};
constexpr std::array toBeContinued{
    Entry{QT_TRANSLATE_NOOP("weighbridge::RunSample", "capital"), "The capital of France is", ""},
    Entry{QT_TRANSLATE_NOOP("weighbridge::RunSample", "counting"), "one, two, three, four,", ""},
    Entry{QT_TRANSLATE_NOOP("weighbridge::RunSample", "story"), "Once upon a time there was a lorry that", ""},
};
constexpr std::array tasks{
    Entry{QT_TRANSLATE_NOOP("weighbridge::RunSample", "translation"), "translate English to German: The lorry stops at the border.", ""},
    Entry{QT_TRANSLATE_NOOP("weighbridge::RunSample", "summary"), "summarize: The lorry stops at the weighbridge. It is weighed before it crosses the border, because its papers name a load.", ""},
};
constexpr std::array questions{ // the second text is where the answer stands
    Entry{QT_TRANSLATE_NOOP("weighbridge::RunSample", "where"), "Where does the lorry stop?", "The lorry stops at the weighbridge before it crosses the border."},
    Entry{QT_TRANSLATE_NOOP("weighbridge::RunSample", "who"), "Who weighs the lorry?", "At the border an officer weighs the lorry and reads its papers."},
};
constexpr std::array sentences{
    Entry{QT_TRANSLATE_NOOP("weighbridge::RunSample", "one sentence"), "The lorry carries what its papers say.", ""},
    Entry{QT_TRANSLATE_NOOP("weighbridge::RunSample", "two that mean the same"), "The lorry carries what its papers say.", "The truck is loaded as its documents state."},
    Entry{QT_TRANSLATE_NOOP("weighbridge::RunSample", "two that do not"), "The lorry carries what its papers say.", "Snow fell on the mountains all night."},
};
constexpr std::array embedded{sentences[1], sentences[2], sentences[0]}; // of one text alone an embedding says nothing
constexpr std::array besideImage{
    Entry{QT_TRANSLATE_NOOP("weighbridge::RunSample", "what is drawn"), "a drawing of a lorry\na photo of a cat\na page of text", ""},
    Entry{QT_TRANSLATE_NOOP("weighbridge::RunSample", "colours"), "something red\nsomething green\nsomething blue", ""},
};
constexpr std::array imageAlone{Entry{QT_TRANSLATE_NOOP("weighbridge::RunSample", "drawing"), "", ""}};

template <size_t Count>
QList<RunSample> samplesOf(const std::array<Entry, Count>& entries, const RunSample& kind = {})
{
    QList<RunSample> out;
    for (const Entry& entry : entries) {
        RunSample sample = kind;
        sample.name = RunSample::tr(entry.name);
        sample.text = QString::fromLatin1(entry.text);
        sample.pair = QString::fromLatin1(entry.pair);
        out.append(sample);
    }
    return out;
}

} // namespace

QList<RunSample> RunSample::all(const QString& className, const QString& modelType)
{
    RunSample kind;
    kind.comparesTexts = className == QLatin1String("CLIPModel");
    kind.takesImage = kind.comparesTexts || className == QLatin1String("CLIPForImageClassification")
                      || QStringList{QStringLiteral("vit"), QStringLiteral("deit"), QStringLiteral("resnet"), QStringLiteral("convnext"), QStringLiteral("clip_vision_model")}.contains(modelType);
    kind.takesText = !kind.takesImage || kind.comparesTexts;
    if (kind.takesImage)
        return kind.comparesTexts ? samplesOf(besideImage, kind) : samplesOf(imageAlone, kind);
    if (className.endsWith(QLatin1String("ForMaskedLM")) || className == QLatin1String("BertForPreTraining"))
        return samplesOf(hiddenWord);
    if (modelType == QLatin1String("t5"))
        return samplesOf(tasks);
    if (className.endsWith(QLatin1String("ForCausalLM")) || className.endsWith(QLatin1String("LMHeadModel")))
        return samplesOf(toBeContinued);
    return className.endsWith(QLatin1String("ForQuestionAnswering")) ? samplesOf(questions)
           : className.endsWith(QLatin1String("Model"))              ? samplesOf(embedded)
                                                                     : samplesOf(sentences);
}

} // namespace weighbridge
