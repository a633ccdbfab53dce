// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/diagnosis/finding.h"
#include "core/format/detail/pickle.h"

#include <span>
#include <vector>

namespace weighbridge {

/// What loading a pickle that names this global could do. An allow-list: what is not known to hold data alone is not called harmless.
enum class GlobalSafety : uint8_t {
    TorchAllowed, ///< torch.load(weights_only=True) takes it
    Benign,       ///< holds data alone, but PyTorch refuses it by default (numpy, argparse.Namespace, pathlib, omegaconf ...)
    Unknown,      ///< a class of some program: what its constructor does is not known
    Dangerous,    ///< can run code, or is a function of Python's own or of PyTorch that no data needs
};

GlobalSafety safetyOf(const PickleGlobal& global);

/// "builtins.eval", escaped for people.
std::string shownGlobal(const PickleGlobal& global);

/// One finding per class of safety: unsafe-pickle as error for dangerous ones, as warning for unknown ones; for benign ones a warning
/// that PyTorch refuses them (a note where no PyTorch is meant to load the file). Empty if there is nothing to say.
std::vector<Finding> globalFindings(std::span<const PickleGlobal> globals, bool forTorch);

} // namespace weighbridge
