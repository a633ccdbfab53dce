# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Headers that nearly every source parses, parsed once. Only the build's speed depends on it: sources include what they use.
option(WEIGHBRIDGE_PRECOMPILE "Precompile the headers of the standard library, fmt and Qt" ON)

# weighbridge_precompile(target [header...]): precompiles the standard library's headers and the given ones for a target.
function(weighbridge_precompile target)
    if(WEIGHBRIDGE_PRECOMPILE)
        target_precompile_headers(${target} PRIVATE <algorithm> <array> <filesystem> <functional> <map> <memory> <optional> <span> <string>
            <unordered_map> <vector> ${ARGN})
        weighbridge_precompile_warnings(${target})
    endif()
endfunction()

# weighbridge_reuse_precompiled(target other): takes the headers of another target, which must be compiled with the same options and have
# no definitions that this one lacks.
function(weighbridge_reuse_precompiled target other)
    if(WEIGHBRIDGE_PRECOMPILE)
        target_precompile_headers(${target} REUSE_FROM ${other})
        weighbridge_precompile_warnings(${target})
    endif()
endfunction()

# GCC 12: false alarms inside std::string, which it no longer takes for a system header.
function(weighbridge_precompile_warnings target)
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread>)
endfunction()
