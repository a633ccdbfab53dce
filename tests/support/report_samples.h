// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/report/report.h"
#include "tests/support/check_text.h"

/// Reports from text literals, the same byte for byte on every machine.
namespace weighbridge::test {

inline Finding findingOf(std::string rule, Severity severity, std::string title)
{
    Finding finding;
    finding.rule = std::move(rule);
    finding.severity = severity;
    finding.title = std::move(title);
    finding.explanation = "How it is known.";
    finding.fix.text = "What to do.";
    return finding;
}

inline Report reportOf(std::shared_ptr<const CheckResult> check)
{
    Report report;
    report.subject = "run-4/model.safetensors";
    report.program = "Weighbridge 1.0";
    report.command = "weighbridge-cli report run-4/model.safetensors -o report.md";
    report.date = "2026-11-22 14:02 UTC";
    report.files = {{"model.safetensors", 1234, "safetensors", std::string(64, 'a'), ""}};
    report.environment = {{"System", "a machine"}};
    report.check = std::move(check);
    return report;
}

/// Layers 0, 1, 2 and 5 lack a bias, one embedding has another shape, one tensor is not expected.
inline std::shared_ptr<CheckResult> brokenCheck()
{
    std::string expected = "embed.weight 8x4\n";
    std::string found = "embed.weight 9x4\n";
    for (int layer = 0; layer < 6; ++layer) {
        const std::string stem = "encoder.layer." + std::to_string(layer) + ".dense.";
        expected += stem + "weight 4x4\n" + stem + "bias 4\n";
        found += stem + "weight 4x4\n";
        if (layer == 3 || layer == 4)
            found += stem + "bias 4\n";
    }
    auto check = checkOf(expected, found + "head|<b>@you.weight 4x4\n");
    check->verdict = Verdict::NotUsable;
    check->sentence = "Not usable: the vocabulary differs & 4 biases are gone";
    check->subSentence = "A loader stops";
    check->findings = {findingOf("vocab-size", Severity::Error, "The vocabulary is 9, not 8"), findingOf("missing-tensors", Severity::Warning, "4 tensors are missing")};
    check->findings[0].fix.python = "config[\"vocab_size\"] = 9\n";
    check->findings[1].because = "vocab-size";
    return check;
}

/// So many tensors, each of another shape than expected.
inline std::shared_ptr<CheckResult> mismatchedCheck(int count)
{
    std::string expected;
    std::string found;
    for (int i = 0; i < count; ++i) {
        const std::string name = "model.decoder.blocks." + std::to_string(i) + ".self_attention.query_key_value.kernel_" + std::to_string(i % 7);
        expected += name + " 64x" + std::to_string(i + 1) + "\n";
        found += name + " 65x" + std::to_string(i + 1) + "\n";
    }
    auto check = checkOf(expected, found);
    check->verdict = Verdict::NotUsable;
    check->sentence = "Not usable: nothing fits";
    check->findings = {findingOf("hidden-size", Severity::Error, "The hidden size is 65, not 64")};
    return check;
}

} // namespace weighbridge::test
