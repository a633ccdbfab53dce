// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Bytes of the file per second, against memcpy of the same bytes in the same run. The tensor is larger than the caches.

#include "core/statistics/all_statistics.h"
#include "core/statistics/moments.h"
#include "core/statistics/value_stream.h"

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstring>
#include <random>

using namespace weighbridge;

namespace {

constexpr size_t nbytes = 64 * 1024 * 1024;

/// Normal values of any float dtype, by their bits.
std::vector<std::byte> normals(DType dtype)
{
    std::mt19937 random(1);
    std::normal_distribution<float> draw(0, 0.02f);
    std::vector<std::byte> out(nbytes);
    const size_t width = info(dtype).bitsPerElement / 8;
    for (size_t i = 0; i < nbytes; i += width) {
        const float value = draw(random);
        uint32_t bits = std::bit_cast<uint32_t>(value);
        if (dtype == DType::BF16)
            bits >>= 16;
        else if (dtype == DType::F16)
            bits = std::abs(value) < 0x1p-14f ? 0 : (bits >> 16 & 0x8000u) | (((bits >> 13) - (112u << 10)) & 0x7fffu);
        const uint64_t wide = std::bit_cast<uint64_t>(double(value));
        std::memcpy(out.data() + i, dtype == DType::F64 ? static_cast<const void*>(&wide) : &bits, width);
    }
    return out;
}

Checkpoint checkpointOf(DType dtype)
{
    Checkpoint checkpoint;
    TensorInfo tensor;
    tensor.name = "w";
    tensor.dtype = dtype;
    tensor.shape = {4096, int64_t(nbytes / 4096 / (info(dtype).bitsPerElement / 8))};
    tensor.storage = {StorageKind::Raw, 0, 0, nbytes, 0, false, {}};
    checkpoint.tensors.push_back(tensor);
    checkpoint.shards.push_back({"memory", "safetensors", memorySource(normals(dtype), "memory")});
    return checkpoint;
}

DType dtypeOf(const benchmark::State& state)
{
    return static_cast<DType>(state.range(0));
}

void copyOnly(benchmark::State& state)
{
    const auto from = normals(DType::F32);
    std::vector<std::byte> to(nbytes);
    for (auto _ : state) {
        std::memcpy(to.data(), from.data(), nbytes);
        benchmark::DoNotOptimize(to.data());
        benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(int64_t(state.iterations() * nbytes));
}

/// NaN, infinities, zeros, denormals, min, max and four moments, from decoded chunks.
void moments(benchmark::State& state)
{
    const auto bytes = normals(dtypeOf(state));
    const Decoder& decoder = *decoderOf(dtypeOf(state));
    const size_t chunkNbytes = chunkValues / decoder.unitValues * decoder.unitNbytes;
    std::vector<float> floats(chunkValues);
    std::vector<double> wide(chunkValues);
    for (auto _ : state) {
        MomentTree tree;
        for (size_t i = 0; i < nbytes; i += chunkNbytes) {
            const auto chunk = std::span(bytes).subspan(i, chunkNbytes);
            if (decoder.exactAsFloat)
                tree.add(summarize(std::span<const float>(floats).first(decode(decoder, chunk, floats)), decoder.minimumNormal()).moments);
            else
                tree.add(summarize(std::span<const double>(wide).first(decode(decoder, chunk, wide)), decoder.minimumNormal()).moments);
        }
        benchmark::DoNotOptimize(tree.total());
    }
    state.SetBytesProcessed(int64_t(state.iterations() * nbytes));
}

/// All of computeStatistics(): also exact quantiles and the histogram, two readings.
void statistics(benchmark::State& state)
{
    const Checkpoint checkpoint = checkpointOf(dtypeOf(state));
    JobContext job;
    for (auto _ : state)
        benchmark::DoNotOptimize(computeStatistics(checkpoint, checkpoint.tensors[0], job));
    state.SetBytesProcessed(int64_t(state.iterations() * nbytes));
}

/// The same and where the tensor comes from, on one thread.
void origin(benchmark::State& state)
{
    const Checkpoint checkpoint = checkpointOf(dtypeOf(state));
    JobContext job;
    for (auto _ : state)
        benchmark::DoNotOptimize(analyseCheckpoint(checkpoint, {}, 1, job));
    state.SetBytesProcessed(int64_t(state.iterations() * nbytes));
}

void dtypes(benchmark::internal::Benchmark* benchmark)
{
    benchmark->ArgName("dtype")->Unit(benchmark::kMillisecond);
    for (const DType dtype : {DType::F32, DType::F16, DType::BF16, DType::F64})
        benchmark->Arg(int64_t(dtype));
}

BENCHMARK(copyOnly)->Unit(benchmark::kMillisecond);
BENCHMARK(moments)->Apply(dtypes);
BENCHMARK(statistics)->Apply(dtypes);
BENCHMARK(origin)->Apply(dtypes);

} // namespace

BENCHMARK_MAIN();
