// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "annals/api/requests.hpp"

#include "model_entry.hpp"
#include "model_files.hpp"

namespace annals::entities {

/// What the read model has of one type at a moment. One thread; must go before the model does.
class TypeView {
  public:
    /// The log is the one whose tokens begin with these bits.
    TypeView(
        ModelFiles& files,
        std::unique_ptr<rocksdb::Iterator> entries,
        std::string prefix,
        std::uint64_t log_id_bits
    );

    /// Whether a page with this token is of the log that the view was made of.
    [[nodiscard]] bool speaks_for(std::string_view position) const;
    /// The entity of the stream, when the stream's last event is the one that it was made of and
    /// all its events are shown. Nothing: fold. Quick when ids rise from call to call.
    std::optional<ModelEntry> find(
        std::string_view id, const api::StreamSummary& stream, bool with_document
    );

  private:
    ModelFiles& files_;
    const std::unique_ptr<rocksdb::Iterator> entries_;
    std::string key_;  ///< the prefix, and the id last looked for
    const std::size_t prefix_bytes_;
    const std::uint64_t log_id_bits_;
};

}  // namespace annals::entities
