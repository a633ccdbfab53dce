// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/architecture/expected_model.h"
#include "core/architecture/expression.h"
#include "core/tensor/dtype.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// The files of resources/architectures, one per model type. docs/adding-an-architecture.md describes their content.
namespace weighbridge {

/// A name with places for expressions: "layer.{i}.weight".
struct NameTemplate {
    std::vector<std::string> literals;     ///< one more than there are expressions
    std::vector<Expression> expressions;
    [[nodiscard]] Result<std::string> expand(const Names& names) const;
};

/// A condition and the loops around it, outermost first.
struct Repetition {
    std::vector<std::pair<std::string, Expression>> loops; ///< index, count
    std::optional<Expression> condition;
};

/// Another model type's model that stands inside this one.
struct ModelReference {
    std::string config;  ///< the sub-config's path: "text_config"
    std::string as;      ///< "AutoModel": what the sub-config's own model type calls so
    std::string className; ///< instead of `as`
    std::vector<std::pair<std::string, Expression>> overrides; ///< fields of the sub-config that the outer model sets
    bool isInherited = true;     ///< its ties and ignore lists are those of the whole too
    bool areNormsFrozen = false; ///< its batch norms hold buffers alone, and do not count batches
};

/// One line: a tensor, or a whole model, for each turn of its loops in which its condition holds.
struct TensorTemplate {
    NameTemplate name;
    std::vector<Expression> shape;
    Repetition repetition;
    DType dtype = DType::Unknown;
    bool isBuffer = false;
    bool isPersistent = true;
    std::optional<ModelReference> reference; ///< then shape is empty
};

struct TieTemplate {
    NameTemplate target;
    NameTemplate source;
    Repetition repetition;
};

/// A name, or the text of a name's template, with # for every number and every place for one: what the names of all layers have in common.
[[nodiscard]] std::string foldedName(std::string_view name);

/// When the reference implementation refuses such a config (`text` says why), or when nothing is known for certain (`text` empty).
struct Refusal {
    Expression condition;
    std::string text;
};

/// A model of another type inside a class, as the library's default config has it.
struct DefaultModel {
    std::string prefix; ///< of its tensors' names, folded (foldedName()), with the dot
    std::string modelType; ///< empty if there is none by default
    std::string as;        ///< as in ModelReference
    std::string className;
};

/// A model class, its base classes' lines included.
struct ArchitectureClass {
    std::vector<TensorTemplate> lines;
    std::vector<TieTemplate> tied;
    std::vector<Refusal> refusals;
    std::vector<std::string> ignoreMissing;
    std::vector<std::string> ignoreUnexpected;
    std::string baseModelPrefix;
};

/// One file, read but not yet compiled: only what is asked for is.
class ArchitectureSpec {
public:
    static Result<ArchitectureSpec> load(const std::string& path);

    [[nodiscard]] const std::string& path() const { return m_path; }
    [[nodiscard]] std::string modelType() const { return text("model_type"); }
    [[nodiscard]] std::string baseClass() const { return text("base_class"); }
    [[nodiscard]] std::vector<std::string> classNames() const;
    /// What `AutoModelForMaskedLM` and the like stand for; empty if nothing.
    [[nodiscard]] std::string classFor(const std::string& autoClass) const;
    /// A config's description by name, "" for the main one; null if there is none.
    [[nodiscard]] const Value* config(const std::string& name) const;
    /// What the loader adds to or takes off a key of the class.
    [[nodiscard]] std::string baseModelPrefix(const std::string& className) const;
    /// What the loader applies to a checkpoint's keys, in order.
    [[nodiscard]] std::vector<LoaderRename> renames(const std::string& className) const;
    /// What the loader makes of keys that stand for several tensors, or for a part of one. Error architecture-syntax.
    [[nodiscard]] Result<std::vector<LoaderConversion>> conversions(const std::string& className) const;
    /// What the loader does with the class's keys that cannot be said here; empty if all can.
    [[nodiscard]] std::string unknownLoading(const std::string& className) const;
    /// The names of a class's lines, folded (foldedName()); those of models inside end in a dot. Empty if the class is not known.
    [[nodiscard]] std::vector<std::string> foldedNames(const std::string& className) const;
    /// The models of other types inside a class.
    [[nodiscard]] std::vector<DefaultModel> defaultModels(const std::string& className) const;
    /// Errors: unknown-class, architecture-syntax.
    [[nodiscard]] Result<ArchitectureClass> compile(const std::string& className) const;

private:
    [[nodiscard]] std::string text(std::string_view key) const;
    struct Line {
        std::string name;         ///< with the prefixes of the classes that use it
        const Value::List* parts; ///< in m_root
    };
    Result<std::vector<Line>> expand(const std::string& className, size_t depth) const;
    Result<void> appendTiesAndRefusals(const std::string& className, const std::string& prefix, ArchitectureClass& out) const;
    [[nodiscard]] std::string defaultTypeOf(const std::string& path) const;
    [[nodiscard]] Error syntax(const std::string& what) const;

    std::string m_path;
    Value m_root;
};

/// What the loader renames for a class: the specification's own, and what it renames for every model.
[[nodiscard]] std::vector<LoaderRename> loaderRenames(const ArchitectureSpec& spec, const std::string& className);

/// Finds specifications: beside a config (weighbridge-architecture.json), the user's own, the program's, in this order.
class ArchitectureLibrary {
public:
    /// `folder` is where the config lies; empty: only the user's and the program's.
    explicit ArchitectureLibrary(std::string folder);
    /// Error unknown-model-type, with what is nearest, or that of the file.
    Result<std::shared_ptr<const ArchitectureSpec>> find(const std::string& modelType);
    [[nodiscard]] std::vector<std::string> modelTypes() const;
    /// The model types whose files have the most of these words, best first: a look at their text, which costs far less than reading them.
    [[nodiscard]] std::vector<std::string> modelTypesWith(const std::vector<std::string>& words, size_t most) const;

private:
    std::string m_folder;
    std::map<std::string, std::shared_ptr<const ArchitectureSpec>> m_loaded;
};

/// expectedModel() with specifications that are kept from call to call.
Result<ExpectedModel> expectedModel(ArchitectureLibrary& library, const Config& config, const std::string& className, JobContext& job, Purpose purpose = Purpose::Loading);

} // namespace weighbridge
