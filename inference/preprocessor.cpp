// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/preprocessor.h"

#include "inference/json_file.h"

#include <fmt/format.h>

#include <filesystem>

namespace weighbridge::inference {
namespace {

constexpr int64_t largestEdge = 4096;     ///< of a model's input
constexpr int64_t cropsBelow = 384;       ///< smaller inputs of ConvNeXt's kind are cut out of a larger image, others are squeezed

struct Size {
    int64_t width = 0;
    int64_t height = 0;
};

int64_t integer(const Value* value, int64_t fallback)
{
    return value && value->integer() ? *value->integer() : fallback;
}

bool flag(const Value& config, std::string_view key, bool fallback)
{
    const Value* value = config.find(key);
    return value && value->boolean() ? *value->boolean() : fallback;
}

/// Of an image whose shorter edge is brought to `edge`.
Size byShortestEdge(const Image& image, int64_t edge)
{
    const int64_t shorter = std::max<int64_t>(1, std::min(image.width, image.height));
    const int64_t longer = static_cast<int64_t>(static_cast<double>(edge * std::max(image.width, image.height)) / static_cast<double>(shorter));
    return image.width <= image.height ? Size{edge, longer} : Size{longer, edge};
}

/// "size" or "crop_size": a number, {"height", "width"} or {"shortest_edge"}.
Size sizeFrom(const Value* value, const Image& image, int64_t fallback, bool isSquare)
{
    if (value && value->isMap() && value->find("height"))
        return {integer(value->find("width"), 0), integer(value->find("height"), 0)};
    if (value && value->isMap() && value->find("shortest_edge"))
        return byShortestEdge(image, integer(value->find("shortest_edge"), 0));
    const int64_t edge = integer(value, fallback);
    return isSquare ? Size{edge, edge} : byShortestEdge(image, edge);
}

Error unusable(Size size)
{
    return Error("config-syntax", fmt::format("preprocessor_config.json asks for an image of {} x {} pixels; what is run has 1 to {} on each side.", size.width, size.height, largestEdge));
}

Result<Image> brought(const Image& image, Size size, Resampling resampling)
{
    const auto fits = [](int64_t edge) { return edge > 0 && edge <= largestEdge; };
    if (!fits(size.width) || !fits(size.height))
        return failure(unusable(size));
    return resized(image, size.width, size.height, resampling);
}

Result<Image> cropped(const Image& image, Size size)
{
    if (size.width < 1 || size.height < 1 || size.width > largestEdge || size.height > largestEdge)
        return failure(unusable(size));
    return centreCropped(image, size.width, size.height);
}

/// ConvNeXt's way: a small input is the middle of an image that is a little larger.
Result<Image> shapedByCropShare(const Image& image, const Value& config, Resampling resampling)
{
    const int64_t edge = integer(config.find("size")->find("shortest_edge"), 0);
    if (edge >= cropsBelow)
        return brought(image, {edge, edge}, resampling);
    const double share = config.find("crop_pct") ? config.find("crop_pct")->number(0.875) : 0.875;
    const auto larger = brought(image, byShortestEdge(image, static_cast<int64_t>(static_cast<double>(edge) / (share > 0 ? share : 1))), resampling);
    return larger ? cropped(*larger, {edge, edge}) : larger;
}

Result<Image> shaped(const Image& image, const Value& config, int64_t edge)
{
    const int64_t kind = integer(config.find("resample"), 2);
    const auto resampling = kind >= 0 && kind <= 5 ? static_cast<Resampling>(kind) : Resampling::Bilinear;
    const Value* size = config.find("size");
    if (config.find("crop_pct") && size && size->isMap() && size->find("shortest_edge") && flag(config, "do_resize", true))
        return shapedByCropShare(image, config, resampling);
    const bool crops = flag(config, "do_center_crop", false);
    Result<Image> out = flag(config, "do_resize", true) ? brought(image, sizeFrom(size, image, edge, !crops), resampling) : image;
    return out && crops ? cropped(*out, sizeFrom(config.find("crop_size"), *out, edge, true)) : out;
}

at::Tensor perChannel(const Value& config, std::string_view key)
{
    const Value* list = config.find(key);
    std::vector<double> values(3, list ? list->number(0.5) : 0.5);
    for (size_t i = 0; list && list->list() && i < std::min<size_t>(3, list->list()->size()); ++i)
        values[i] = (*list->list())[i].number(0.5);
    return at::tensor(values).to(at::kFloat).view({1, 3, 1, 1});
}

} // namespace

Result<at::Tensor> pixelsFrom(const Image& image, const std::string& folder, const Model& model, bool& assumed)
{
    const Value config = readJsonFile((std::filesystem::path(folder) / "preprocessor_config.json").string());
    assumed = !config.isMap();
    const auto fitting = shaped(image, config, model.part("vision_config").integer("image_size", 224));
    if (!fitting)
        return tl::unexpected(fitting.error());
    at::Tensor pixels = at::tensor(at::ArrayRef<uint8_t>(fitting->rgb), at::TensorOptions(at::kByte)).view({1, fitting->height, fitting->width, 3}).permute({0, 3, 1, 2}).to(at::kFloat);
    if (flag(config, "do_rescale", true))
        pixels = pixels * (config.find("rescale_factor") ? config.find("rescale_factor")->number(1.0 / 255) : 1.0 / 255);
    if (flag(config, "do_normalize", true))
        pixels = (pixels - perChannel(config, "image_mean")) / perChannel(config, "image_std");
    return pixels.contiguous();
}

} // namespace weighbridge::inference
