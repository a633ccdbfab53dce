# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Interface target that every one of our targets links.
add_library(weighbridge_options INTERFACE)
target_compile_features(weighbridge_options INTERFACE cxx_std_20)
target_compile_options(weighbridge_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
    $<$<CXX_COMPILER_ID:GNU>:-Wcast-align=strict> -Wno-missing-field-initializers
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>) # GCC 12: false alarms inside std::variant
target_compile_definitions(weighbridge_options INTERFACE _GLIBCXX_ASSERTIONS)
option(WEIGHBRIDGE_WERROR "Treat warnings as errors" OFF)
if(WEIGHBRIDGE_WERROR)
    target_compile_options(weighbridge_options INTERFACE -Werror)
endif()
