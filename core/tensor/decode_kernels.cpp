// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/tensor/decode_kernels.h"

#include "core/tensor/decode_blocks.h"

#include <bit>

// Highway compiles this file once for each instruction set and chooses when the program runs.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/tensor/decode_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace weighbridge::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// 16-bit integers, widened to 32 and converted by `convert`; the rest at the end by `scalar`.
template <typename Convert, typename Scalar>
HWY_ATTR void widen(const std::byte* in, size_t count, float* out, Convert convert, Scalar scalar)
{
    const hn::ScalableTag<uint32_t> words;
    const hn::Rebind<uint16_t, decltype(words)> shorts;
    const hn::Rebind<float, decltype(words)> floats;
    const size_t width = hn::Lanes(words);
    const auto* from = reinterpret_cast<const uint8_t*>(in);
    size_t i = 0;
    for (; i + width <= count; i += width) {
        const void* at = from + 2 * i; // LoadU needs no alignment
        const auto bits = hn::LoadU(shorts, static_cast<const uint16_t*>(at));
        hn::StoreU(hn::BitCast(floats, convert(hn::PromoteTo(words, bits))), floats, out + i);
    }
    for (; i < count; ++i)
        out[i] = scalar(word(from + 2 * i));
}

/// As halfToFloat(), lane by lane.
HWY_ATTR void halves(const std::byte* in, size_t count, float* out)
{
    const hn::ScalableTag<uint32_t> words;
    const hn::Rebind<float, decltype(words)> floats;
    const auto convert = [&](auto half) HWY_ATTR {
        const auto sign = hn::ShiftLeft<16>(hn::And(half, hn::Set(words, 0x8000u)));
        const auto exponent = hn::And(half, hn::Set(words, 0x7c00u));
        const auto bits = hn::ShiftLeft<13>(hn::And(half, hn::Set(words, 0x7fffu)));
        const auto rebias = hn::Set(words, 112u << 23);
        const auto smallest = hn::Set(words, 113u << 23);
        const auto normal = hn::Add(bits, rebias);
        const auto denormal = hn::BitCast(words, hn::Sub(hn::BitCast(floats, hn::Add(bits, smallest)), hn::BitCast(floats, smallest)));
        const auto finite = hn::IfThenElse(hn::Eq(exponent, hn::Zero(words)), denormal, normal);
        return hn::Or(sign, hn::IfThenElse(hn::Eq(exponent, hn::Set(words, 0x7c00u)), hn::Add(normal, rebias), finite));
    };
    widen(in, count, out, convert, [](uint16_t half) { return halfToFloat(half); });
}

HWY_ATTR void bfloats(const std::byte* in, size_t count, float* out)
{
    widen(in, count, out, [](auto bits) HWY_ATTR { return hn::ShiftLeft<16>(bits); },
          [](uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); });
}

} // namespace weighbridge::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace weighbridge::kernels {

HWY_EXPORT(halves);
HWY_EXPORT(bfloats);

void halvesToFloats(const std::byte* in, size_t count, float* out)
{
    HWY_DYNAMIC_DISPATCH(halves)(in, count, out);
}
void bfloatsToFloats(const std::byte* in, size_t count, float* out)
{
    HWY_DYNAMIC_DISPATCH(bfloats)(in, count, out);
}

} // namespace weighbridge::kernels
#endif
