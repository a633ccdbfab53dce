// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/diagnosis/judgement.h"

namespace weighbridge {

/// Which fields of a config the lines of a model class hang on, by their paths ("text_config.hidden_size"). Both arguments must outlive it.
class ConfigFields {
public:
    ConfigFields(ArchitectureLibrary& library, const ModelParts& parts)
        : m_library(library)
        , m_parts(parts)
    {
    }
    /// Those that decide an expression of a part's lines, directly or through derived values.
    [[nodiscard]] std::vector<std::string> of(const Expression& expression, size_t part) const;
    /// The same for all lines together.
    [[nodiscard]] std::vector<std::string> all() const;
    /// Those that the specification lists, those of sub-configs too.
    [[nodiscard]] std::vector<std::string> described() const;

private:
    struct Description {
        const Value* value = nullptr;
        std::shared_ptr<const ArchitectureSpec> spec;
    };
    [[nodiscard]] Description describe(const ModelPart& part, const std::vector<std::string_view>& path) const;
    void addFields(const Expression& expression, size_t part, const std::string& owner, std::vector<std::string>& out, int depth) const;
    void addField(size_t part, const std::string& field, std::vector<std::string>& out, int depth) const;

    ArchitectureLibrary& m_library;
    const ModelParts& m_parts;
};

} // namespace weighbridge
