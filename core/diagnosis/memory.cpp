// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/memory_need.h"

#include "core/base/device.h"
#include "core/base/text.h"
#include "core/diagnosis/rule.h"

#include <fmt/format.h>

#include <array>

namespace weighbridge {
namespace {

struct WayOut {
    const char* what;
    uint64_t nbytes;
    const char* python;
};

class Memory final : public Rule {
public:
    RuleInfo info() const override { return {"memory", "The weights fit into the memory of this machine", order::aside}; }

    std::vector<Finding> check(const Facts& facts, JobContext&) const override
    {
        const uint64_t available = facts.availableMemory;
        const MemoryNeed need = memoryNeed(*facts.checkpoint, facts.config);
        if (available == 0 || need.asStored + need.optimizerState <= available)
            return {};
        Finding finding;
        finding.rule = "memory";
        finding.severity = Severity::Warning;
        finding.title = fmt::format("The weights take {}, this machine has {} free", formatNbytes(need.asStored + need.optimizerState), formatNbytes(available));
        finding.explanation = fmt::format("{} parameters: {} as float32, {} as bfloat16, {} as int8, {} as int4; {} to train with Adam. Loading them whole ends in an out-of-memory error, or the system stops the program without one.",
                                          groupDigits(need.parameters), formatNbytes(need.float32), formatNbytes(need.float16), formatNbytes(need.int8), formatNbytes(need.int4), formatNbytes(need.trainingAdam));
        finding.evidence = {{"as_stored", need.asStored}, {"available", available}, {"float32", need.float32}, {"bfloat16", need.float16}, {"int8", need.int8}, {"int4", need.int4}, {"optimizer_state", need.optimizerState}};
        suggest(finding, need, available);
        return {finding};
    }

private:
    static void suggest(Finding& finding, const MemoryNeed& need, uint64_t available)
    {
        const std::array ways{
            WayOut{"leave out the optimizer's state", need.asStored,
                   "import torch\n\nstate = torch.load(path, mmap=True, weights_only=True)[\"model\"]  # without the optimizer\n"},
            WayOut{"load it as bfloat16", need.float16,
                   "import torch\nfrom transformers import AutoModel\n\nmodel = AutoModel.from_pretrained(\".\", dtype=torch.bfloat16)\n"},
            WayOut{"load it as int8", need.int8,
                   "from transformers import AutoModel, BitsAndBytesConfig\n\nmodel = AutoModel.from_pretrained(\".\", "
                   "quantization_config=BitsAndBytesConfig(load_in_8bit=True))\n"},
            WayOut{"load it as int4", need.int4,
                   "from transformers import AutoModel, BitsAndBytesConfig\n\nmodel = AutoModel.from_pretrained(\".\", "
                   "quantization_config=BitsAndBytesConfig(load_in_4bit=True))\n"},
        };
        for (const WayOut& way : ways) {
            if (way.nbytes >= need.asStored + need.optimizerState || way.nbytes > available)
                continue;
            finding.fix.text = fmt::format("It fits if you {} ({}); or keep part of it on the disk (device_map=\"auto\", offload_folder).", way.what, formatNbytes(way.nbytes));
            finding.fix.python = way.python;
            return;
        }
        finding.fix.text = "No smaller dtype makes it fit: keep part of it on the disk, or use a machine with more memory.";
        finding.fix.python = "import torch\nfrom transformers import AutoModel\n\nmodel = AutoModel.from_pretrained(\".\", device_map=\"auto\", "
                             "offload_folder=\"offload\", dtype=torch.bfloat16)\n";
    }
};

} // namespace

const Rule& memoryRule()
{
    static const Memory rule;
    return rule;
}

} // namespace weighbridge
