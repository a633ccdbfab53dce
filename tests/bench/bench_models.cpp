// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a window does with many tensors: the tree (target: 1,000,000 tensors in less than a second), finding, sorting, the strip.
#include "core/report/strip_cells.h"
#include "ui/models/tensor_arrangement.h"

#include <benchmark/benchmark.h>

#include <array>
#include <memory>
#include <string>

using namespace weighbridge;

namespace {

/// Layers of sixteen tensors, as in BERT.
CheckpointPtr checkpointOf(size_t tensors)
{
    constexpr std::array<const char*, 8> modules{"attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
                                                 "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm"};
    auto out = std::make_shared<Checkpoint>();
    out->tensors.resize(tensors);
    for (size_t i = 0; i < tensors; ++i) {
        out->tensors[i].name = "bert.encoder.layer." + std::to_string(i / 16) + "." + modules[i / 2 % 8] + (i % 2 ? ".bias" : ".weight");
        out->tensors[i].shape = i % 2 ? Shape{768} : Shape{768, 768};
        out->tensors[i].dtype = DType::F32;
    }
    return out;
}

CheckpointPtr checkpointFor(const benchmark::State& state)
{
    return checkpointOf(static_cast<size_t>(state.range(0)));
}

void rows(benchmark::State& state)
{
    const CheckpointPtr checkpoint = checkpointFor(state);
    for (auto _ : state)
        benchmark::DoNotOptimize(TensorRows::fromCheckpoint(checkpoint));
}

void tree(benchmark::State& state)
{
    const TensorRowsPtr all = TensorRows::fromCheckpoint(checkpointFor(state));
    for (auto _ : state)
        benchmark::DoNotOptimize(TensorTree(all));
}

void arrange(benchmark::State& state, const ArrangementRequest& request)
{
    const TensorTree tree(TensorRows::fromCheckpoint(checkpointFor(state)));
    for (auto _ : state)
        benchmark::DoNotOptimize(arrangeTensors(tree, request, nullptr, {}));
}

void filter(benchmark::State& state, const char* text)
{
    ArrangementRequest request;
    request.filter = TensorFilter(text);
    arrange(state, request);
}

void sort(benchmark::State& state, TensorOrder order)
{
    ArrangementRequest request;
    request.order = order;
    request.isDescending = true;
    arrange(state, request);
}

void strip(benchmark::State& state)
{
    const TensorRowsPtr all = TensorRows::fromCheckpoint(checkpointFor(state));
    for (auto _ : state)
        benchmark::DoNotOptimize(buildStrip(*all, nullptr).reduced(300));
}

BENCHMARK(rows)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(tree)->Arg(1'000)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(filter, name, "output dense")->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(filter, shape, "768,768 status:present")->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(sort, name, TensorOrder::Name)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(sort, size, TensorOrder::Size)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(strip)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
