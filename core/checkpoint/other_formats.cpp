// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/checkpoint/other_formats.h"

#include "core/base/files.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace weighbridge {
namespace {

using namespace std::string_view_literals;

/// Known by bytes at an offset, by the ending of the name, or, if both are given, by the two together.
struct Row {
    std::string_view bytes;
    size_t offset;
    std::string_view ending;
    std::string_view what;
    std::string_view fix;
};

constexpr auto convertGgml =
    "Convert it to GGUF with the convert script of the llama.cpp (or whisper.cpp) version that wrote it, or download the GGUF file."sv;
constexpr auto openOriginal = "It is compiled for one engine. Open the model that it was made from (ONNX, safetensors, ...)."sv;
constexpr auto exportOnnx = "Convert it to ONNX, which is read, with the framework's own tool."sv;

constexpr std::array rows{
    Row{"lmgg"sv, 0, {}, "a GGML file from before GGUF (unversioned)", convertGgml},
    Row{"fmgg"sv, 0, {}, "a GGML file from before GGUF (ggmf)", convertGgml},
    Row{"tjgg"sv, 0, {}, "a GGML file from before GGUF (ggjt)", convertGgml},
    Row{"algg"sv, 0, {}, "a LoRA adapter of llama.cpp from before GGUF", convertGgml},
    Row{"ORTM"sv, 4, {}, "a model in ONNX Runtime's own form (.ort)", "Open the .onnx file that it was made from."},
    Row{"ET12"sv, 4, {}, "an ExecuTorch program (.pte)", "Open the checkpoint or the .pt2 file that it was made from."},
    Row{"ptrt"sv, 0, {}, "an engine of TensorRT", openOriginal},
    Row{"RKNN"sv, 0, {}, "a model for Rockchip's NPU (.rknn)", openOriginal},
    Row{"\x12\x01\0\0\0\0\0\0"sv,
        0,
        {},
        "a parameter file of MXNet (.params)",
        "Load it with mxnet.nd.load and save the arrays with numpy.savez or safetensors."},
    Row{"7767517"sv, 0, {}, "a graph of ncnn (.param)", exportOnnx},
    Row{"\xba\x16\x4f\x2f"sv, 0, {}, "a fastText model", "Load it with fasttext and save its matrices with numpy.save."},
    Row{"ustar"sv, 257, {}, "a tar archive", "Unpack it (tar xf) and open what is inside."},
    Row{"PAR1"sv, 0, {}, "a Parquet table: data, not a model", "Open the checkpoint itself."},
    Row{"ARROW1"sv, 0, {}, "an Arrow table: data, not a model", "Open the checkpoint itself."},
    Row{"SQLite format 3\0"sv, 0, {}, "an SQLite database", "Open the checkpoint itself."},
    Row{"\xff\xd8\xff"sv, 0, {}, "a JPEG picture", "Open the checkpoint itself."},
    Row{{}, 0, ".mlmodel", "a Core ML model", "Open the PyTorch or TensorFlow model that it was made from, or read it with coremltools."},
    Row{{}, 0, ".caffemodel", "a model of Caffe", exportOnnx},
    Row{"\0\0\0\0"sv, 0, ".weights", "a weights file of Darknet (YOLO)", exportOnnx},
    Row{"\0\0\0"sv, 1, ".weights", "a weights file of Darknet (YOLO)", exportOnnx},
    Row{{},
        0,
        ".joblib",
        "a file of joblib (scikit-learn), compressed",
        "Load it with joblib where you trust its author, and save its arrays with numpy.savez."},
    Row{{}, 0, ".mnn", "a model of MNN", exportOnnx},
    Row{{}, 0, ".pdmodel", "a program of PaddlePaddle", "Open the .pdiparams file beside it: the parameters are there."},
    Row{{},
        0,
        ".tiktoken",
        "a vocabulary of tiktoken",
        "It belongs to a tokenizer; convert it to tokenizer.json with transformers to look at it here."},
    Row{{}, 0, ".mindir", "a graph of MindSpore", exportOnnx},
};

bool matches(const Row& row, std::string_view head, const std::string& path)
{
    if (!row.ending.empty() && !path.ends_with(row.ending))
        return false;
    return row.bytes.empty() ? !row.ending.empty() : head.size() > row.offset && head.substr(row.offset, row.bytes.size()) == row.bytes;
}

Error named(const std::string& path, std::string_view what, std::string_view fix)
{
    return Error("not-a-checkpoint", fmt::format("This is {}, which is not read here.", what)).at(path).fixedBy(std::string(fix));
}

/// A folder of diffusers holds several models, each in a folder of its own.
Error pipeline(const std::string& path)
{
    std::vector<std::string> names;
    for (const std::string& name : foldersIn(path))
        if (isFile((std::filesystem::path(path) / name / "config.json").string()))
            names.push_back(shown(name, 60));
    std::sort(names.begin(), names.end());
    return Error("not-a-checkpoint", fmt::format("This is a pipeline of diffusers: its models are in folders of their own{}{}.",
                                                 names.empty() ? "" : ": ", fmt::join(names, ", ")))
        .at(path)
        .fixedBy("Open one of these folders by itself.");
}

/// Packages of Core ML are folders.
std::optional<Error> otherFolder(const std::string& path)
{
    const auto has = [&path](const char* name) { return isFile((std::filesystem::path(path) / name).string()); };
    const std::string name = lowered(path);
    if (has("model_index.json"))
        return pipeline(path);
    if (name.ends_with(".mlpackage") || has("Data/com.apple.CoreML/model.mlmodel"))
        return named(path, "a package of Core ML", "Open the PyTorch or TensorFlow model that it was made from, or read it with coremltools.");
    if (name.ends_with(".mlmodelc") || has("coremldata.bin"))
        return named(path, "a compiled Core ML model", openOriginal);
    return std::nullopt;
}

} // namespace

std::optional<Error> otherFormat(const Candidate& candidate)
{
    if (candidate.isFolder)
        return otherFolder(candidate.path);
    const std::string path = lowered(candidate.path);
    const std::string_view head(reinterpret_cast<const char*>(candidate.head.data()), candidate.head.size());
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const Row& entry) { return matches(entry, head, path); });
    return row == rows.end() ? std::nullopt : std::optional(named(candidate.path, row->what, row->fix).atByte(row->offset));
}

} // namespace weighbridge
