// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

#include "annals/api/consumer_groups.hpp"
#include "annals/documents/pointer.hpp"
#include "annals/model/event.hpp"

namespace annals::groups {

/// Finds the key of events: what the settings name, and the stream where an event has none. Keys
/// longer than kKeyBytesMax are cut and end in a hash of the whole. One thread.
class KeyOf {
  public:
    static constexpr std::size_t kKeyBytesMax = 1'024;

    explicit KeyOf(const api::GroupKey& key);

    /// Valid until the next call, and while the event is. A field costs the parsing of the data.
    std::string_view operator()(const model::RecordedEvent& event);

  private:
    std::string_view of_field(const model::RecordedEvent& event);

    const api::GroupKey key_;
    const std::string tag_prefix_;
    documents::Pointer pointer_;
    std::string scratch_;
};

}  // namespace annals::groups
