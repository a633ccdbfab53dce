// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "inference/image.h"

namespace weighbridge {

/// An image file of any format that Qt reads, as its pixels lie in the file: EXIF does not turn it, transparency is dropped. Errors: not-found, usage (no
/// image that can be read, or one of more than 128 MiB once unpacked). Any thread; needs no application object.
Result<inference::Image> readImage(const std::string& path);

} // namespace weighbridge
