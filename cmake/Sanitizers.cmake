# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later

set(WEIGHBRIDGE_SANITIZE "" CACHE STRING "Sanitizers of the build: address,undefined or thread; empty: none")
if(WEIGHBRIDGE_SANITIZE)
    add_compile_options(-fsanitize=${WEIGHBRIDGE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
    add_link_options(-fsanitize=${WEIGHBRIDGE_SANITIZE})
endif()
