// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Everything that is computed of a file's values, against plainly summing the same bytes (pread in blocks that stay in the cache) with the same number of
// threads in the same run. The file lies in the page cache and is larger than the processor's. WEIGHBRIDGE_BENCH_MIB sets its size (256).

#include "core/statistics/all_statistics.h"

#include <benchmark/benchmark.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>
#include <unistd.h>

using namespace weighbridge;

namespace {

size_t fileNbytes()
{
    const char* given = std::getenv("WEIGHBRIDGE_BENCH_MIB");
    return (given ? std::strtoull(given, nullptr, 10) : 256) << 20;
}

/// A file of normal float32 values that is removed in the end.
class ValuesFile {
public:
    ValuesFile() : m_path(std::filesystem::temp_directory_path() / ("bench-statistics-" + std::to_string(::getpid())))
    {
        std::mt19937 random(1);
        std::normal_distribution<float> draw(0, 0.02f);
        std::vector<float> values((1 << 20) + 7919);
        std::generate(values.begin(), values.end(), [&] { return draw(random); });
        std::ofstream file(m_path, std::ios::binary);
        for (size_t done = 0; done < fileNbytes(); done += 1 << 20)
            file.write(reinterpret_cast<const char*>(values.data() + random() % (values.size() - (1 << 18))), 1 << 20);
    }
    ~ValuesFile() { std::filesystem::remove(m_path); }
    ValuesFile(const ValuesFile&) = delete;
    ValuesFile& operator=(const ValuesFile&) = delete;

    [[nodiscard]] SourcePtr open() const { return openFile(m_path).value(); }

private:
    std::string m_path;
};

const ValuesFile& valuesFile()
{
    static const ValuesFile file;
    return file;
}

/// The file as matrices of so many rows and columns.
Checkpoint checkpointOf(DType dtype, int64_t rows, int64_t columns)
{
    Checkpoint checkpoint;
    checkpoint.shards.push_back({"values", "safetensors", valuesFile().open()});
    const uint64_t nbytes = nbytesOf(dtype, uint64_t(rows * columns)).value();
    for (uint64_t offset = 0; offset + nbytes <= fileNbytes(); offset += nbytes) {
        TensorInfo tensor;
        tensor.name = "layers." + std::to_string(checkpoint.tensors.size()) + ".weight";
        tensor.dtype = dtype;
        tensor.shape = {rows, columns};
        tensor.storage = {StorageKind::Raw, 0, offset, nbytes, 0, false, {}};
        checkpoint.tensors.push_back(tensor);
    }
    return checkpoint;
}

float sumOf(const std::vector<float>& values)
{
    std::array<float, 64> sums{}; // independent, so that the compiler vectorises
    for (size_t i = 0; i + sums.size() <= values.size(); i += sums.size())
        for (size_t k = 0; k < sums.size(); ++k)
            sums[k] += values[i + k];
    float total = 0;
    for (const float sum : sums)
        total += sum;
    return total;
}

void plainSum(benchmark::State& state)
{
    const SourcePtr source = valuesFile().open();
    const size_t threads = size_t(state.range(0));
    constexpr size_t block = 256 << 10;
    const auto work = [&](size_t thread) {
        std::vector<float> values(block / sizeof(float));
        for (size_t offset = thread * block; offset + block <= source->nbytes(); offset += threads * block) {
            benchmark::DoNotOptimize(source->readAt(offset, std::as_writable_bytes(std::span(values))));
            benchmark::DoNotOptimize(sumOf(values));
        }
    };
    for (auto _ : state) {
        std::vector<std::jthread> others;
        for (size_t i = 1; i < threads; ++i)
            others.emplace_back(work, i);
        work(0);
    }
    state.SetBytesProcessed(int64_t(state.iterations() * fileNbytes()));
}

/// Statistics, histogram, quantiles and all that the origin of each tensor is judged by.
void everything(benchmark::State& state, DType dtype)
{
    const Checkpoint checkpoint = checkpointOf(dtype, state.range(1), state.range(2));
    JobContext job;
    for (auto _ : state)
        benchmark::DoNotOptimize(analyseCheckpoint(checkpoint, {}, unsigned(state.range(0)), job));
    state.SetBytesProcessed(int64_t(state.iterations() * fileNbytes()));
    state.SetLabel(std::to_string(checkpoint.tensors.size()) + " tensors");
}

void shapes(benchmark::internal::Benchmark* benchmark)
{
    for (const int64_t threads : {1, 2})
        for (const auto& [rows, columns] : {std::pair<int64_t, int64_t>{16384, 4096}, {4096, 4096}, {2048, 2048}, {1024, 1024}, {384, 1536}})
            benchmark->Args({threads, rows, columns});
    benchmark->Unit(benchmark::kMillisecond)->UseRealTime();
}

BENCHMARK(plainSum)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(everything, F32, DType::F32)->Apply(shapes);
BENCHMARK_CAPTURE(everything, BF16, DType::BF16)->Args({1, 4096, 4096})->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(everything, F16, DType::F16)->Args({1, 4096, 4096})->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(everything, Q4_K, DType::Q4_K)->Args({1, 4096, 4096})->Unit(benchmark::kMillisecond)->UseRealTime();

} // namespace

BENCHMARK_MAIN();
