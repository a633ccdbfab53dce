# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later

set(WEIGHBRIDGE_SANITIZE "" CACHE STRING "Sanitizers of the build: address,undefined or thread; empty: none")
if(WEIGHBRIDGE_BUILD_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
    add_compile_definitions(FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION)
endif()
if(WEIGHBRIDGE_SANITIZE)
    add_compile_options(-fsanitize=${WEIGHBRIDGE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
    add_link_options(-fsanitize=${WEIGHBRIDGE_SANITIZE})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND WEIGHBRIDGE_SANITIZE MATCHES "address")
        add_compile_definitions(__SANITIZE_ADDRESS__) # which gcc defines itself
    endif()
endif()
