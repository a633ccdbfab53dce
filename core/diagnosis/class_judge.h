// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/architecture/architecture_spec.h"
#include "core/comparison/comparison.h"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

/// How well a config explains the tensors that were found, quickly enough to try hundreds of configs.
namespace weighbridge {

/// The found tensors by name, and how far the numbers in their names go.
struct FoundNames {
    explicit FoundNames(const std::vector<FoundTensor>& tensors);
    std::unordered_map<std::string, const Shape*> shapes; ///< the tensors must outlive this
    std::unordered_map<std::string, int64_t> counts;      ///< a name with # for one of its numbers: the largest number there and one
};

/// Something that the specification says and the found tensors contradict under the config that was tried.
struct Question {
    enum class Kind : uint8_t { Size, Count, Presence, Refusal };
    Kind kind = Kind::Size;
    const Expression* expression = nullptr;
    size_t part = 0;                                      ///< whose config the expression reads
    std::vector<std::pair<std::string, int64_t>> indices; ///< of the loops around it
    int64_t target = 0;                                   ///< what it should give; Presence and Refusal: 1 or 0
};

struct Judgement {
    int score = 0; ///< facts that hold less those that do not; comparable for one class only
    std::vector<Question> open;
};

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
    /// The fields of the config that decide the expression, by their paths ("text_config.hidden_size").
    [[nodiscard]] std::vector<std::string> fieldsOf(const Question& question) const;
    /// The same for all lines together.
    [[nodiscard]] std::vector<std::string> allFields() const;
    /// The fields that the specification lists, those of sub-configs too.
    [[nodiscard]] std::vector<std::string> describedFields() const;
    /// Sub-configs as the specification fills them, where it does.
    [[nodiscard]] Value initial() const;

private:
    struct Part {
        ArchitectureClass architecture;
        std::shared_ptr<const ArchitectureSpec> spec;
        std::string prefix; ///< of its tensors' names
        std::string path;   ///< of its config in the root
        size_t parent = 0;
        const ModelReference* reference = nullptr; ///< in the parent's lines; null for the root
    };
    struct Description {
        const Value* value = nullptr;
        std::shared_ptr<const ArchitectureSpec> spec;
    };
    class Stage;

    ClassJudge(ArchitectureLibrary& library, const FoundNames& found)
        : m_library(&library)
        , m_found(&found)
    {
    }
    void addInner(size_t parent);
    [[nodiscard]] std::vector<Value> configsOf(const Value& given) const;
    [[nodiscard]] Description describe(const Part& part, const std::vector<std::string_view>& path) const;
    void addFields(const Expression& expression, size_t part, const std::string& owner, std::vector<std::string>& out, int depth) const;
    void addField(size_t part, const std::string& field, std::vector<std::string>& out, int depth) const;

    ArchitectureLibrary* m_library;
    const FoundNames* m_found;
    std::vector<std::unique_ptr<Part>> m_parts;
};

} // namespace weighbridge
