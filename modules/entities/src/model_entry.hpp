// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "annals/base/named_type.hpp"

#include "fold.hpp"

namespace annals::entities {

/// What the read model knows of one entity (docs/formats/entity-model.md).
struct ModelEntry {
    Position position;     ///< of the stream's last event that was seen
    bool is_kept = false;  ///< false: the state is not, and never will be; fold it
    State state;
    std::string hash;  ///< of the document; empty when there never was one
};

std::string encode_entry(const ModelEntry& entry);
/// Nothing for what encode_entry did not write. Without the document it costs no parsing.
std::optional<ModelEntry> decode_entry(std::string_view bytes, bool with_document);

}  // namespace annals::entities
