// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A plugin of HDF5 as others install them, which leaves a file behind where it is loaded: nothing of ours may load it.
#include <H5PLextern.h>

#include <cstdio>
#include <cstdlib>

namespace {

size_t unpackNothing(unsigned, size_t, const unsigned*, size_t nbytes, size_t*, void**)
{
    return nbytes;
}

const H5Z_class2_t filter{H5Z_CLASS_T_VERS, 32015, 1, 1, "trap", nullptr, nullptr, &unpackNothing};

__attribute__((constructor)) void leaveTrace()
{
    const char* const path = std::getenv("WEIGHBRIDGE_PLUGIN_TRACE");
    if (std::FILE* const file = path ? std::fopen(path, "w") : nullptr)
        std::fclose(file);
}

} // namespace

H5PL_type_t H5PLget_plugin_type()
{
    return H5PL_TYPE_FILTER;
}

const void* H5PLget_plugin_info()
{
    return &filter;
}
