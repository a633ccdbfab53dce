// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

namespace weighbridge {

/// Gives up whatever reading one open file does not need: other files, programs, the network, core dumps, memory without end.
/// Only descriptors that are open now can be used afterwards. To be called once, when everything is set up.
void enterSandbox();

} // namespace weighbridge
