// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/run_sample.h"

#include <QStringList>

namespace weighbridge {

RunSample RunSample::of(const QString& className, const QString& modelType)
{
    RunSample out;
    out.comparesTexts = className == QLatin1String("CLIPModel");
    out.takesImage = out.comparesTexts || className == QLatin1String("CLIPForImageClassification")
                     || QStringList{QStringLiteral("vit"), QStringLiteral("deit"), QStringLiteral("resnet"), QStringLiteral("convnext"), QStringLiteral("clip_vision_model")}.contains(modelType);
    out.takesText = !out.takesImage || out.comparesTexts;
    if (out.comparesTexts)
        out.text = QStringLiteral("a drawing of a lorry\na photo of a cat\na page of text");
    else if (className.endsWith(QLatin1String("ForMaskedLM")) || className == QLatin1String("BertForPreTraining"))
        out.text = QStringLiteral("The capital of France is [MASK].");
    else if (modelType == QLatin1String("t5"))
        out.text = QStringLiteral("translate English to German: The lorry stops at the border.");
    else if (className.endsWith(QLatin1String("ForCausalLM")) || className.endsWith(QLatin1String("LMHeadModel")))
        out.text = QStringLiteral("The capital of France is");
    else if (className.endsWith(QLatin1String("ForQuestionAnswering"))) {
        out.text = QStringLiteral("Where does the lorry stop?");
        out.pair = QStringLiteral("The lorry stops at the weighbridge before it crosses the border."); // where the answer stands
    } else
        out.text = QStringLiteral("The lorry carries what its papers say.");
    return out;
}

} // namespace weighbridge
