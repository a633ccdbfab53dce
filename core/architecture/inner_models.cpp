// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/architecture/inner_models.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace weighbridge {
namespace {

bool isWithin(std::string_view name, std::string_view module)
{
    return module.empty() || name == module || (name.starts_with(module) && name[module.size()] == '.');
}

std::string joined(std::string_view outer, std::string_view inner)
{
    return std::string(outer) + (outer.empty() || inner.empty() ? "" : ".") + std::string(inner);
}

/// A module's name as the loader's scopes have it: without the prefix of the whole model's base.
std::string scopeOf(std::string_view module, std::string_view base)
{
    if (module.starts_with(base))
        module.remove_prefix(base.size());
    if (module.starts_with('.'))
        module.remove_prefix(1);
    return std::string(module);
}

/// The module of the whole that a scope of the inner model means: the inner model's own base may stand before it.
std::string moduleOf(const InnerModel& inner, const std::string& scope, const ExpectedModel& whole)
{
    const std::string based = joined(joined(inner.module, inner.spec->baseModelPrefix(inner.className)), scope);
    const bool isThere = std::any_of(whole.tensors.begin(), whole.tensors.end(), [&based](const ExpectedTensor& tensor) {
        return tensor.name.size() > based.size() && isWithin(tensor.name, based);
    });
    return isThere || scope.empty() ? based : joined(inner.module, scope);
}

/// Renames or conversions: both have a scope.
template <typename Transform>
void dropThoseOf(const std::vector<InnerModel>& inner, const std::string& base, std::vector<Transform>& out)
{
    std::erase_if(out, [&](const Transform& transform) {
        return transform.scope && std::any_of(inner.begin(), inner.end(),
                                              [&](const InnerModel& model) { return isWithin(*transform.scope, scopeOf(model.module, base)); });
    });
}

template <typename Transform>
void addThoseOf(const InnerModel& model, std::vector<Transform> transforms, const std::vector<InnerModel>& inner, const ExpectedModel& whole,
                std::vector<Transform>& out)
{
    for (Transform& transform : transforms) {
        const std::string module = transform.scope ? moduleOf(model, *transform.scope, whole) : model.module;
        const bool isOfAnother = std::any_of(inner.begin(), inner.end(), [&](const InnerModel& other) {
            return other.module.size() > model.module.size() && isWithin(other.module, model.module) && isWithin(module, other.module);
        });
        if (isOfAnother)
            continue;
        transform.scope = scopeOf(module, whole.baseModelPrefix);
        out.push_back(std::move(transform));
    }
}

} // namespace

Result<std::string> addInnerLoading(const std::vector<InnerModel>& inner, ExpectedModel& out)
{
    dropThoseOf(inner, out.baseModelPrefix, out.renames);
    dropThoseOf(inner, out.baseModelPrefix, out.conversions);
    std::string unknown;
    for (const InnerModel& model : inner) {
        auto conversions = model.spec->conversions(model.className);
        if (!conversions)
            return tl::unexpected(conversions.error());
        addThoseOf(model, model.spec->renames(model.className), inner, out, out.renames);
        addThoseOf(model, std::move(*conversions), inner, out, out.conversions);
        if (unknown.empty())
            unknown = model.spec->unknownLoading(model.className);
    }
    return unknown;
}

} // namespace weighbridge
