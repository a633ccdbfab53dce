// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>

namespace weighbridge {

/// The user's token for the hub, found as the hub's own tools find it: HF_TOKEN, HUGGING_FACE_HUB_TOKEN, the file HF_TOKEN_PATH or
/// $HF_HOME/token. Empty if there is none, or HF_HUB_DISABLE_IMPLICIT_TOKEN is set.
/// https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables
[[nodiscard]] std::string hubToken();

/// HF_HUB_OFFLINE is set: the hub must not be asked.
[[nodiscard]] bool isHubOffline();

} // namespace weighbridge
