// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <eventstore/event.pb.h>

#include "annals/base/result.hpp"
#include "annals/model/event.hpp"

namespace annals::dialect_eskit {

/// Reserved fields of events that came through the dialect. Only eskit.version is always there.
inline constexpr std::string_view kVersionField = "eskit.version";  ///< the client's text
inline constexpr std::string_view kIdField = "eskit.id";      ///< where the key is a hash; in parts
inline constexpr std::string_view kTypeField = "eskit.type";  ///< with control characters
inline constexpr std::string_view kOccuredOnField = "eskit.occured_on";  ///< beyond what ns can say

/// An event of the dialect, checked, with all names that it has here.
struct CheckedEvent {
    contracts::eventstore::Event event;
    std::string key;
    std::uint64_t version = 0;
};

/// The rows of contract 2.1, Append: every refusal that needs no look at the store, in eskit's
/// words.
Result<CheckedEvent> check_event(contracts::eventstore::Event event);

/// The event as the store takes it. Owns what the views of `event()` point to.
class StoredForm {
  public:
    explicit StoredForm(const CheckedEvent& checked);
    StoredForm(const StoredForm&) = delete;
    StoredForm& operator=(const StoredForm&) = delete;

    /// What the event makes of the entity, in a field of the entity store; once at most.
    void set_document_hash(std::string hash);

    [[nodiscard]] const model::NewEvent& event() const { return event_; }
    [[nodiscard]] const std::string& originator_tag() const { return originator_tag_; }
    [[nodiscard]] const std::string& version_tag() const { return version_tag_; }

  private:
    void set_time(std::int64_t occured_on);
    void set_id(std::string_view id);

    std::string type_;
    std::string originator_tag_;
    std::string version_tag_;
    std::string occured_on_;
    std::string document_hash_;
    model::NewEvent event_;
};

/// Value of a reserved field; has_value false when the event has none.
struct Reserved {
    bool has_value = false;
    std::string_view value;
};
Reserved reserved(const model::NewEvent& event, std::string_view name);

/// Written through another door: it has no eskit.version.
bool is_native(const model::NewEvent& event);
/// The number of eskit.version; revision + 1 of a native event.
std::uint64_t version_of(const model::RecordedEvent& event);
/// As the client wrote it, also where the store's type differs.
std::string_view event_type_of(const model::NewEvent& event);
/// The originator's id, also where the key is a hash.
std::string originator_id_of(const model::NewEvent& event);

enum class VersionText : std::uint8_t {
    kNumber,    ///< "1", as GetEvents shows
    kVerbatim,  ///< "001", as the log shows
};
contracts::eventstore::Event to_contract(const model::RecordedEvent& event, VersionText version);

/// The control characters of a type, which the store does not take, become U+FFFD; the bytes as
/// sent are in eskit.type then.
inline constexpr std::string_view kReplaced = "\xEF\xBF\xBD";

}  // namespace annals::dialect_eskit
