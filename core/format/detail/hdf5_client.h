// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/byte_source.h"
#include "core/base/job_context.h"
#include "core/checkpoint/tensor_reader.h"

#include <optional>
#include <string>
#include <vector>

/// What weighbridge-hdf5 says about a file. core itself does not know libhdf5: that runs in a process of its own, since its parser
/// has crashed on malformed files, and is believed no more than the file.
namespace weighbridge {

struct Hdf5Group {
    std::string path;            ///< without the leading slash; empty for the root
    Value attributes;            ///< a map
};

struct Hdf5Dataset {
    std::string path;
    uint64_t address = 0;        ///< of its object header: the key for reading its values
    DType dtype = DType::Unknown;
    std::string writerDtype;     ///< in words, for every dtype
    bool selfContained = true;   ///< elements of a fixed size; not strings, references or variable-length sequences
    bool empty = false;          ///< it has no shape at all (a null dataspace)
    bool bigEndian = false;
    bool hasFilters = false;     ///< compression or checksums
    Shape shape;                 ///< a size that no int64 holds is -1
    std::string layout;          ///< "contiguous", "chunked", "compact", "virtual"
    std::optional<uint64_t> offset; ///< of contiguous values, from the start of the source
    uint64_t storedNbytes = 0;
    std::string outside;         ///< another file that holds the values
    std::string missingFilter;   ///< a filter without which they cannot be read
};

struct Hdf5Link {
    std::string path;
    std::string kind;            ///< "hard" (a second name), "soft", "external"
    std::string target;
    std::string file;            ///< of an external link
    bool resolves = true;
};

struct Hdf5Broken {
    std::string path;
    std::string rule;
    std::string why;
};

struct Hdf5Listing {
    std::vector<Hdf5Group> groups;
    std::vector<Hdf5Dataset> datasets;
    std::vector<Hdf5Link> links;
    std::vector<Hdf5Broken> broken;
    std::optional<Error> stopped; ///< why the listing ends before the file does: the library crashed or hung on the next object
};

/// Of the file in one answer to a worker that asks for bytes.
inline constexpr size_t hdf5WantedNbytes = 1 << 20;

/// Adds one answer of the worker (a group, a dataset, a link, or what is broken) to a listing. What has another form is left out.
void addHdf5Answer(Hdf5Listing& listing, const Value& answer);

/// Checks the superblock, then lists the file in a worker process: structure and attributes, and packed values where few bytes move, to see whether
/// they are whole. A worker reads a file of this machine itself; of what lies elsewhere it is given the bytes that it asks for, and no others.
/// An Error if nothing at all can be listed; else what was found, and why it ends there.
Result<Hdf5Listing> listHdf5(const SourcePtr& source, JobContext& job);

/// Streams the values of the dataset at `address` (contiguous, row-major, little-endian) from a worker process; `nbytes` must come.
Result<void> readHdf5(const SourcePtr& source, uint64_t address, uint64_t nbytes, JobContext& job, const BlockSink& sink);

} // namespace weighbridge
