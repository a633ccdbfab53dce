// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/report/report.h"
#include "tests/support/check_text.h"
#include "tests/support/checkpoint_builder.h"

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

/// Three layers of which the last two moved, a norm with another name, a matrix of another shape, a head that only B has.
inline std::shared_ptr<const Difference> sampleDifference()
{
    const auto ramp = [](size_t count, float moved) {
        std::vector<float> out(count);
        for (size_t i = 0; i < count; ++i)
            out[i] = float(i % 7) - 3.0F + (i % 3 == 0 ? moved : 0.0F);
        return out;
    };
    CheckpointBuilder a, b;
    for (int layer = 0; layer < 3; ++layer) {
        const std::string stem = "encoder.layer." + std::to_string(layer) + ".attention.";
        const float moved = 0.125F * float(layer);
        a.add(stem + "query.weight", {8, 8}, ramp(64, 0)).add(stem + "query.bias", {8}, ramp(8, 0)).add(stem + "key.weight", {8, 8}, ramp(64, 0)).add(stem + "LayerNorm.gamma", {8}, ramp(8, 0));
        b.add(stem + "query.weight", {8, 8}, ramp(64, moved)).add(stem + "query.bias", {8}, ramp(8, 0)).add(stem + "key.weight", {8, 8}, ramp(64, moved / 2)).add(stem + "LayerNorm.weight", {8}, ramp(8, 0));
    }
    a.add("embeddings.weight", {9, 8}, ramp(72, 0));
    b.add("embeddings.weight", {10, 8}, ramp(80, 0)).add("classifier|<b>@you.weight", {2, 8}, ramp(16, 0));
    JobContext job;
    DifferenceOptions options;
    options.values = true;
    options.threads = 1;
    return std::make_shared<const Difference>(differenceOf(a.build(), b.build(), options, job).value());
}

/// The report on it, without what differs from machine to machine.
inline Report sampleDifferenceReport()
{
    JobContext job;
    Report report = makeReport(sampleDifference(), {"Weighbridge 1.0", "weighbridge-cli report base run-4 -o report.md", "2026-11-22 14:02 UTC", false}, job).value();
    report.subject = "base and run-4";
    report.environment = {{"System", "a machine"}};
    return report;
}

} // namespace weighbridge::test
