// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/image.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace weighbridge::inference {
namespace {

constexpr int64_t channels = 3;
constexpr int precisionBits = 22; ///< 32 less 8 for the byte and 2 for overshooting

double sinc(double x)
{
    return x == 0 ? 1 : std::sin(x * std::numbers::pi) / (x * std::numbers::pi);
}

double support(Resampling resampling)
{
    switch (resampling) {
    case Resampling::Box: return 0.5;
    case Resampling::Lanczos: return 3;
    case Resampling::Bicubic: return 2;
    default: return 1;
    }
}

double filter(Resampling resampling, double x)
{
    const double n = std::abs(x);
    switch (resampling) {
    case Resampling::Box: return x > -0.5 && x <= 0.5 ? 1 : 0;
    case Resampling::Lanczos: return n < 3 ? sinc(x) * sinc(x / 3) : 0;
    case Resampling::Hamming: return n < 1 ? sinc(x) * (0.54 + 0.46 * std::cos(std::numbers::pi * x)) : 0;
    case Resampling::Bicubic:
        if (n < 1)
            return (1.5 * n - 2.5) * n * n + 1;
        return n < 2 ? ((-0.5 * n + 2.5) * n - 4) * n + 2 : 0;
    default: return n < 1 ? 1 - n : 0;
    }
}

/// What one pixel of the result is made of.
struct Sources {
    int64_t first = 0;
    std::vector<int32_t> weights;
};

std::vector<Sources> sourcesOf(int64_t from, int64_t to, Resampling resampling)
{
    const double scale = static_cast<double>(from) / static_cast<double>(to);
    const double width = std::max(scale, 1.0);
    const double reach = support(resampling) * width;
    std::vector<Sources> out;
    for (int64_t place = 0; place < to; ++place) {
        const double centre = (static_cast<double>(place) + 0.5) * scale;
        const auto first = std::max<int64_t>(0, static_cast<int64_t>(centre - reach + 0.5));
        const auto last = std::min(from, static_cast<int64_t>(centre + reach + 0.5));
        std::vector<double> weights;
        double sum = 0;
        for (int64_t i = first; i < last; ++i) {
            weights.push_back(filter(resampling, (static_cast<double>(i) - centre + 0.5) / width));
            sum += weights.back();
        }
        Sources sources{first, {}};
        for (const double weight : weights)
            sources.weights.push_back(static_cast<int32_t>(std::round(weight / (sum == 0 ? 1 : sum) * (1 << precisionBits))));
        out.push_back(std::move(sources));
    }
    return out;
}

/// One pass: each line's pixels lie `step` bytes apart, the lines `lineStep`.
struct Layout {
    int64_t lines, lineStep, step;
};

std::vector<uint8_t> resample(const std::vector<uint8_t>& in, const Layout& from, const Layout& to, const std::vector<Sources>& sources)
{
    std::vector<uint8_t> out(static_cast<size_t>(from.lines) * sources.size() * channels);
    for (int64_t line = 0; line < from.lines; ++line)
        for (size_t place = 0; place < sources.size(); ++place)
            for (int64_t channel = 0; channel < channels; ++channel) {
                int64_t sum = 1 << (precisionBits - 1);
                int64_t at = line * from.lineStep + sources[place].first * from.step + channel;
                for (const int32_t weight : sources[place].weights) {
                    sum += static_cast<int64_t>(in[static_cast<size_t>(at)]) * weight;
                    at += from.step;
                }
                out[static_cast<size_t>(line * to.lineStep + static_cast<int64_t>(place) * to.step + channel)] = static_cast<uint8_t>(std::clamp<int64_t>(sum >> precisionBits, 0, 255));
            }
    return out;
}

Image nearest(const Image& image, int64_t width, int64_t height)
{
    Image out{width, height, std::vector<uint8_t>(static_cast<size_t>(width * height * channels))};
    const auto source = [](int64_t place, int64_t from, int64_t to) { return std::min(from - 1, static_cast<int64_t>((static_cast<double>(place) + 0.5) * static_cast<double>(from) / static_cast<double>(to))); };
    for (int64_t y = 0; y < height; ++y)
        for (int64_t x = 0; x < width; ++x)
            std::copy_n(image.rgb.begin() + (source(y, image.height, height) * image.width + source(x, image.width, width)) * channels, channels, out.rgb.begin() + (y * width + x) * channels);
    return out;
}

} // namespace

Image resized(const Image& image, int64_t width, int64_t height, Resampling resampling)
{
    if (image.width == width && image.height == height)
        return image;
    if (resampling == Resampling::Nearest)
        return nearest(image, width, height);
    Image out = image;
    if (width != image.width) {
        out.rgb = resample(out.rgb, {image.height, image.width * channels, channels}, {image.height, width * channels, channels}, sourcesOf(image.width, width, resampling));
        out.width = width;
    }
    if (height != image.height) {
        out.rgb = resample(out.rgb, {width, channels, width * channels}, {width, channels, width * channels}, sourcesOf(image.height, height, resampling));
        out.height = height;
    }
    return out;
}

Image centreCropped(const Image& image, int64_t width, int64_t height)
{
    Image out{width, height, std::vector<uint8_t>(static_cast<size_t>(width * height * channels))};
    // what is missing above and left is rounded up, what is too much rounded down
    const auto start = [](int64_t has, int64_t wants) { return has >= wants ? (has - wants) / 2 : -((wants - has + 1) / 2); };
    const int64_t top = start(image.height, height);
    const int64_t left = start(image.width, width);
    for (int64_t y = std::max<int64_t>(0, -top); y < std::min(height, image.height - top); ++y) {
        const int64_t first = std::max<int64_t>(0, -left);
        const int64_t count = std::min(width, image.width - left) - first;
        std::copy_n(image.rgb.begin() + ((y + top) * image.width + first + left) * channels, count * channels, out.rgb.begin() + (y * width + first) * channels);
    }
    return out;
}

} // namespace weighbridge::inference
