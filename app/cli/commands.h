// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/error.h"
#include "core/base/job_context.h"
#include "core/base/value.h"
#include "core/checkpoint/checkpoint.h"

#include <string>
#include <vector>

/// The commands of weighbridge-cli, one file each. Exit status as docs/contract: 0, 1 findings or differences, 2 not done.
namespace weighbridge::cli {

/// What stands on the command line behind the command's name.
struct Arguments {
    std::vector<std::string> paths;
    std::vector<std::pair<std::string, std::string>> options; ///< name without dashes, value (empty for a flag)
    [[nodiscard]] bool has(const std::string& name) const;
    [[nodiscard]] std::string value(const std::string& name) const; ///< the last one given; empty if there is none
};

/// One command: what it is called, how it is used, what it takes.
struct Command {
    std::string name;
    std::string usage;
    std::vector<std::string> flags;         ///< options without a value
    std::vector<std::string> valueOptions;  ///< options with a value
    size_t minimumPaths = 0;
    size_t maximumPaths = 0;
    int (*run)(const Arguments&, JobContext&) = nullptr;
};

Command checkCommand();
Command devicesCommand();
Command diffCommand();
Command expectCommand();
Command inferCommand();
Command exportCommand();
Command inspectCommand();
Command mergeCommand();
Command reportCommand();
Command repairCommand();
Command runCommand();
Command serveCommand();
Command statsCommand();

int run(const std::vector<std::string>& words);

/// Prints an Error as the contract wants it (JSON on standard output with --json, a sentence on standard error) and gives status 2.
int fail(const Error& error, const Arguments& arguments);
/// Says on standard error how much will come from where, if the checkpoint is at an address.
void announceFetch(const Checkpoint& checkpoint, uint64_t nbytes);
/// Prints one JSON document on standard output.
void printJson(const Value& value);

} // namespace weighbridge::cli
