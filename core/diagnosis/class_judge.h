// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/diagnosis/judgement.h"

/// How well configs explain the tensors that were found, quickly enough to try hundreds of them.
namespace weighbridge {

/// A model class with the classes of the models inside it. Layers that are built alike are looked at once, so a judgement costs as much for
/// 100 layers as for one.
class ClassJudge {
public:
    /// Errors: as those of ArchitectureSpec::compile(). `found` must outlive this.
    static Result<ClassJudge> make(ArchitectureLibrary& library, std::shared_ptr<const ArchitectureSpec> spec, const std::string& className,
                                   const FoundNames& found);

    [[nodiscard]] Judgement judge(const Value& given) const;
    /// What the question's expression gives under this config; null where it cannot be computed.
    [[nodiscard]] Value valueOf(const Question& question, const Value& given) const;
    /// The config with all defaults; null if it cannot be made.
    [[nodiscard]] Value resolved(const Value& given) const;
    /// The fields that decide the question's expression, by their paths: see ConfigFields.
    [[nodiscard]] std::vector<std::string> fieldsOf(const Question& question) const;
    /// The same for all lines together.
    [[nodiscard]] std::vector<std::string> allFields() const;
    /// The fields that the specification lists, those of sub-configs too.
    [[nodiscard]] std::vector<std::string> describedFields() const;
    /// Sub-configs as the specification fills them, where it does.
    [[nodiscard]] Value initial() const;

private:
    ClassJudge(ArchitectureLibrary& library, const FoundNames& found)
        : m_library(&library)
        , m_found(&found)
    {
    }
    void addInner(size_t parent);
    [[nodiscard]] std::vector<Value> configsOf(const Value& given) const;
    [[nodiscard]] Value initialParts(const ArchitectureSpec& spec, const Value& description, size_t depth) const;

    ArchitectureLibrary* m_library;
    const FoundNames* m_found;
    ModelParts m_parts;
};

} // namespace weighbridge
