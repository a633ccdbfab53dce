// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/value.h"

#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

enum class Severity : uint8_t { Note, Warning, Error };

[[nodiscard]] constexpr const char* name(Severity severity)
{
    return severity == Severity::Error ? "error" : severity == Severity::Warning ? "warning" : "note";
}

/// A tensor that a fix keeps, and what it does to it.
struct KeptTensor {
    int index = -1;           ///< into Checkpoint::tensors
    std::string name;         ///< after the fix
    bool transposed = false;  ///< its two dimensions are swapped
};

/// What to do about a finding.
struct Fix {
    std::string text;                         ///< one or two plain sentences
    std::string python;                       ///< a snippet; empty if there is none
    std::optional<double> coverageAfter;      ///< parameters that load after it / parameters expected, 0..1; computed, never hoped
    std::vector<KeptTensor> keeps;            ///< a fix of names or shapes: the tensors it leaves, in the file's order; empty: it is none
    Value::Map configChanges;                 ///< a fix of the config: fields and their new values; empty: it is none
    std::string assumption;                   ///< what the fix takes for true and the files alone cannot prove; empty: nothing
    bool mayHideLoss = false;                 ///< it makes all that is there load, but what was asked for may have been lost from the file
};

/// An edit that a rule tried before it proposed one: what it is, and how much of the file fitted.
struct Trial {
    std::string text;         ///< "as it is", "strip module."
    size_t matched = 0;
    size_t of = 0;
    bool isTaken = false;     ///< the one that the fix makes
};

/// One thing that a rule or a reader says: severity, evidence, fix. All texts are plain text.
struct Finding {
    std::string rule;          ///< an id of the vocabulary in docs/contract
    Severity severity = Severity::Note;
    std::string title;         ///< names the thing and what is wrong; no final stop
    std::string explanation;   ///< how it is known and what follows
    Value::Map evidence;       ///< numbers
    std::vector<std::string> tensors;
    std::vector<Trial> tried;  ///< empty if the rule needed no search
    Fix fix;
    std::string because;       ///< rule of the finding that this one follows from; empty for a root cause
};

} // namespace weighbridge
