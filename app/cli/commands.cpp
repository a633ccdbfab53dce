// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/commands.h"

#include "app/cli/terminal_progress.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/remote/address.h"
#include "core/remote/ssh_address.h"
#include "core/report/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

namespace weighbridge::cli {
namespace {

std::vector<Command> commands()
{
    return {
        inspectCommand(),
        expectCommand(),
        inferCommand(),
        checkCommand(),
        diffCommand(),
        statsCommand(),
        mergeCommand(),
        runCommand(),
        devicesCommand(),
        reportCommand(),
        repairCommand(),
        exportCommand(),
        serveCommand(),
    };
}

std::stop_source& interruption()
{
    static std::stop_source source;
    return source;
}

std::string usage()
{
    std::string out = "weighbridge-cli: tells whether a model checkpoint carries what its papers say.\n\nUsage:\n";
    for (const Command& command : commands())
        out += fmt::format("  weighbridge-cli {}\n", command.usage);
    return out + "\nExit status: 0 nothing found; 1 errors found, or differences; 2 the work could not be done.\n";
}

int usageError(const std::string& what, bool json)
{
    Error error("usage", what);
    error.fix = "Run weighbridge-cli --help.";
    Arguments arguments;
    if (json)
        arguments.options.emplace_back("json", "");
    return fail(error, arguments);
}

Result<Arguments> parse(const Command& command, const std::vector<std::string>& words)
{
    const auto holds = [](const std::vector<std::string>& list, const std::string& name) { return std::find(list.begin(), list.end(), name) != list.end(); };
    Arguments arguments;
    bool onlyPaths = false;
    for (size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (onlyPaths || word.empty() || word[0] != '-' || word == "-") {
            arguments.paths.push_back(word);
            continue;
        }
        if (word == "--") {
            onlyPaths = true;
            continue;
        }
        const size_t equals = word.find('=');
        const std::string name = word.substr(word.find_first_not_of('-'), equals == std::string::npos ? equals : equals - word.find_first_not_of('-'));
        if (holds(command.flags, name))
            arguments.options.emplace_back(name, "");
        else if (!holds(command.valueOptions, name))
            return failure("usage", fmt::format("`{}` has no option {}.", command.name, word));
        else if (equals != std::string::npos)
            arguments.options.emplace_back(name, word.substr(equals + 1));
        else if (i + 1 < words.size())
            arguments.options.emplace_back(name, words[++i]);
        else
            return failure("usage", fmt::format("{} needs a value.", word));
    }
    if (arguments.paths.size() < command.minimumPaths || arguments.paths.size() > command.maximumPaths)
        return failure("usage", fmt::format("`{}` takes {} path{}, not {}.", command.name, command.minimumPaths, command.minimumPaths == 1 ? "" : "s", arguments.paths.size()));
    return arguments;
}

} // namespace

bool Arguments::has(const std::string& name) const
{
    return std::any_of(options.begin(), options.end(), [&name](const auto& option) { return option.first == name; });
}

std::string Arguments::value(const std::string& name) const
{
    const auto found = std::find_if(options.rbegin(), options.rend(), [&name](const auto& option) { return option.first == name; });
    return found == options.rend() ? "" : found->second;
}

void printJson(const Value& value)
{
    endProgress();
    const std::string text = toJson(value, 1) + "\n";
    std::fwrite(text.data(), 1, text.size(), stdout);
}

void announceFetch(const Checkpoint& checkpoint, uint64_t nbytes)
{
    if (isAddress(checkpoint.path) && !isSshAddress(checkpoint.path)) // through ssh they are looked at there
        fmt::print(stderr, "weighbridge-cli: {} of values come from {}.\n", formatNbytes(nbytes), shown(hostOf(checkpoint.path)));
}

int fail(const Error& error, const Arguments& arguments)
{
    endProgress();
    if (arguments.has("json"))
        printJson(errorAnswer(error));
    std::string text = "weighbridge-cli: ";
    if (!error.path.empty())
        text += error.path + ": ";
    text += error.message;
    if (!error.readable.empty())
        text += " Still readable: " + error.readable + ".";
    if (!error.fix.empty())
        text += " " + error.fix;
    fmt::print(stderr, "{}\n", text);
    return 2;
}

int run(const std::vector<std::string>& words)
{
    std::signal(SIGINT, [](int) { interruption().request_stop(); });
    std::signal(SIGPIPE, SIG_DFL);
    std::signal(SIGXFSZ, SIG_IGN); // a limit on file sizes is an Error like a full disk
    const bool json = std::find(words.begin(), words.end(), "--json") != words.end();
    if (words.empty())
        return usageError("A command is needed.", json);
    if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
        fmt::print("{}", usage());
        return 0;
    }
    if (words[0] == "--version") {
        fmt::print("weighbridge-cli {}\n", WEIGHBRIDGE_VERSION);
        return 0;
    }
    const auto all = commands();
    const auto command = std::find_if(all.begin(), all.end(), [&words](const Command& c) { return c.name == words[0]; });
    if (command == all.end())
        return usageError(fmt::format("There is no command {}.", words[0]), json);
    if (words.size() > 1 && (words[1] == "--help" || words[1] == "-h")) {
        fmt::print("Usage: weighbridge-cli {}\n", command->usage);
        return 0;
    }
    const auto arguments = parse(*command, {words.begin() + 1, words.end()});
    if (!arguments)
        return usageError(arguments.error().message, json);
    JobContext job{interruption().get_token(), terminalProgress()};
    const int status = command->run(*arguments, job);
    endProgress();
    return status;
}

} // namespace weighbridge::cli
