// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/remote/host_inference.h"

#include "core/base/base64.h"
#include "core/base/byte_source.h"
#include "core/base/inference_worker.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/remote/address.h"
#include "core/remote/host_connection.h"
#include "core/remote/host_protocol.h"
#include "core/remote/ssh_trouble.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

constexpr uint64_t sentMaximum = 16 * limits::MiB; ///< of an image or config; as base64 it fits into a request
constexpr size_t mostDevices = 1000;

/// What its worker says of itself is of that machine.
Error onThatMachine(Error error, const SshAddress& address)
{
    const std::string host = shown(address.host);
    if (error.rule != "cancelled" && error.message.find(host) == std::string::npos)
        error.message = fmt::format("On {}: {}", host, error.message);
    return error;
}

/// A request to that machine's worker, and its answer.
Result<Value> ask(const SshAddress& address, const Value& request, JobContext& job)
{
    const auto version = hostVersion(address, job);
    if (!version)
        return tl::unexpected(version.error());
    if (!version->can("run"))
        return failure(Error("unsupported-version",
                             fmt::format("weighbridge-cli on {} is version {}, which cannot run models.", shown(address.host), version->version))
                           .at(address.text())
                           .fixedBy(howToInstallThere(address)));
    auto answer = askHost(
        address, [&request] { return request; }, job, &noFrames);
    const Value* result = answer ? answer->find("answer") : nullptr;
    if (!answer)
        return failure(onThatMachine(answer.error(), address));
    if (!result || !result->isMap())
        return failure(Error("worker", fmt::format("{} gives no answer of its worker.", shown(address.host))).at(address.text()));
    return *result;
}

/// Puts the bytes of a file of this machine into the request, under the key that named it.
Result<void> send(const std::string& path, const char* key, Value& files)
{
    const auto file = openFile(path);
    if (!file)
        return tl::unexpected(file.error());
    if ((*file)->nbytes() > sentMaximum)
        return failure(Error("usage", fmt::format("The file has {}; more than {} are not sent to another machine.", formatNbytes((*file)->nbytes()),
                                                  formatNbytes(sentMaximum)))
                           .at(path));
    return (*file)->read(0, (*file)->nbytes()).map([&](const std::vector<std::byte>& bytes) {
        files.set(key, encodeBase64({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
    });
}

/// The request as that machine understands it: paths of its own, files of this one as bytes.
Result<Value> requestThere(const Value& request, const SshAddress& address)
{
    Value own = request;
    Value files(Value::Map{});
    own.set("path", address.path);
    for (const char* key : {"config", "beside", "image"}) {
        const std::string path = host::textIn(request, key);
        const auto there = isSshAddress(path) ? parseSshAddress(path) : failure("bad-address", "");
        if (path.empty())
            continue;
        if (there && there->place() == address.place()) {
            own.set(key, there->path);
            continue;
        }
        const bool canBeSent =
            !isAddress(path) && std::string_view(key) != "beside" && (std::string_view(key) != "config" || lowered(path).ends_with(".json"));
        if (!canBeSent)
            return failure(Error("usage", fmt::format("The model runs on {}, and this file lies elsewhere.", shown(address.host)))
                               .at(path)
                               .fixedBy(fmt::format("Copy it there and name it {}/...", address.place())));
        if (auto sent = send(path, key, files); !sent)
            return tl::unexpected(sent.error());
    }
    return Value(Value::Map{{"command", "run"}, {"path", host::encodedPath(address.path)}, {"request", std::move(own)}, {"files", std::move(files)}});
}

} // namespace

Result<Value> runWhereItLies(const Value& request, JobContext& job)
{
    const std::string path = host::textIn(request, "path");
    const Value* here = request.find("here");
    if (!isSshAddress(path) || (here && here->boolean() && *here->boolean()))
        return askInferenceWorker(request, job);
    const auto address = parseSshAddress(path);
    if (!address)
        return tl::unexpected(address.error());
    const auto there = requestThere(request, *address);
    if (!there)
        return tl::unexpected(there.error());
    return ask(*address, *there, job).map([&](Value answer) {
        if (answer.find("image")) // of a file that was sent the worker knows no name
            answer.set("image", host::textIn(request, "image"));
        return answer.set("host", address->host);
    });
}

Value hostDevicesFrom(const Value& answer, const std::string& host)
{
    Value::List devices;
    const Value* list = answer.find("devices");
    for (Value device : list && list->list() ? *list->list() : Value::List{})
        if (device.isMap() && devices.size() < mostDevices)
            devices.push_back(device.set("host", host));
    const Value* version = answer.find("libtorch");
    const Value* notes = answer.find("notes");
    return Value::Map{{"host", host},
                      {"libtorch", version ? *version : Value()},
                      {"devices", std::move(devices)},
                      {"notes", notes && notes->list() ? *notes : Value(Value::List{})}};
}

Result<Value> listHostDevices(const SshAddress& address, JobContext& job)
{
    return ask(address, Value::Map{{"command", "devices"}}, job).map([&address](const Value& answer) {
        return hostDevicesFrom(answer, address.host);
    });
}

Value listDevicesFor(const std::string& path, JobContext& job)
{
    if (!isSshAddress(path))
        return listInferenceDevices(job);
    const auto address = parseSshAddress(path);
    auto there = address ? listHostDevices(*address, job) : tl::unexpected(address.error());
    Value::List devices = there ? *there->find("devices")->list() : Value::List{};
    if (devices.empty()) {
        const Value::List notes = there ? *there->find("notes")->list() : Value::List{there.error().message};
        devices.push_back(Value::Map{{"id", ""},
                                     {"name", ""},
                                     {"host", address ? address->host : ""},
                                     {"reason", notes.empty() ? "It names no device." : notes.front().stringOr("")}});
    }
    Value here = listInferenceDevices(job);
    for (Value device : *here.find("devices")->list())
        devices.push_back(device.set("here", true));
    return here.set("devices", std::move(devices));
}

} // namespace weighbridge
