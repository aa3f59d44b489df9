// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "scavenge_records.hpp"

#include <charconv>
#include <future>
#include <memory>

#include "annals/model/event.hpp"

namespace annals::namespaces {
namespace {

constexpr std::string_view kRecordsStream = "$scavenges";
constexpr std::string_view kStarted = "$scavenge-started";
constexpr std::string_view kPaused = "$scavenge-paused";
constexpr std::string_view kEnded = "$scavenge-ended";
constexpr std::string_view kNamespaceTag = "namespace:";
constexpr std::string_view kThrottleTag = "throttle:";
constexpr std::string_view kDryRunTag = "dry-run:true";
constexpr std::string_view kClockTag = "clock:confirmed";
constexpr std::string_view kResumedTag = "resumed:true";

std::string member(std::string_view name, std::uint64_t value) {
    return ",\"" + std::string(name) + "\":" + std::to_string(value);
}

}  // namespace

Status ScavengeRecords::add_going_on(
    const api::StartScavengeRequest& request, const api::ScavengeStatus& status, bool is_resumed
) {
    std::vector<std::string> tags;
    if (!request.name_space.empty())
        tags.push_back(std::string(kNamespaceTag) + request.name_space);
    if (request.throttle_bytes_per_s != 0)
        tags.push_back(std::string(kThrottleTag) + std::to_string(request.throttle_bytes_per_s));
    if (request.is_dry_run) tags.emplace_back(kDryRunTag);
    if (request.confirms_clock) tags.emplace_back(kClockTag);
    if (is_resumed) tags.emplace_back(kResumedTag);
    const bool is_paused = status.state == api::ScavengeState::kPaused;
    return append(is_paused ? kPaused : kStarted, "{\"id\":\"" + status.id + "\"}", tags);
}

Status ScavengeRecords::add_ended(const api::ScavengeStatus& status) {
    std::string data = "{\"id\":\"" + status.id + "\",\"state\":\"" +
                       std::string(api::to_string(status.state)) + "\"";
    data += member("segments", status.segments_done);
    data += member("rewritten_segments", status.rewritten_segments);
    data += member("removed_events", status.removed_events);
    data += member("folded_events", status.folded_events);
    data += member("freed_bytes", status.freed_bytes);
    return append(kEnded, data + "}", {});
}

Status ScavengeRecords::append(
    std::string_view type, const std::string& data, const std::vector<std::string>& tags
) {
    model::NewEvent event;
    event.stream = kRecordsStream;
    event.type = type;
    event.data = data;
    event.tags.assign(tags.begin(), tags.end());
    model::AppendRequest request;
    request.events.push_back(event);
    using Answer = Result<model::AppendResult>;
    // Joins the orderer's thread, which may be inside set_value still, with this one.
    const auto promise = std::make_shared<std::promise<Answer>>();
    std::future<Answer> answer = promise->get_future();
    system_log_.submit({}, request, [promise](Answer result) {
        promise->set_value(std::move(result));
    });
    ANNALS_CHECK(answer.get());
    return ok();
}

Result<std::optional<ScavengeRecords::Interrupted>> ScavengeRecords::find_interrupted() {
    using None = std::optional<Interrupted>;
    ANNALS_TRY(const auto head, system_log_.index().head(kRecordsStream));
    if (!head) return None();
    log::LogReader reader = system_log_.log().reader();
    const Result<log::StoredEvent> stored = reader.at(head->last_position);
    // Whether one was interrupted is not known then: nothing is resumed.
    if (!stored && stored.error().code() == ErrorCode::kDataLoss) return None();
    if (!stored) return stored.error();
    model::RecordedEvent event;
    ANNALS_CHECK(model::decode_event_fields(stored->envelope, event));
    if (event.type != kStarted && event.type != kPaused) return None();
    Interrupted found;
    found.is_paused = event.type == kPaused;
    api::StartScavengeRequest& request = found.request;
    for (const std::string_view tag : event.tags) {
        if (tag == kDryRunTag || (tag == kResumedTag && !found.is_paused)) return None();
        if (tag == kClockTag) request.confirms_clock = true;
        if (tag.starts_with(kNamespaceTag)) request.name_space = tag.substr(kNamespaceTag.size());
        if (tag.starts_with(kThrottleTag)) {
            const std::string_view digits = tag.substr(kThrottleTag.size());
            std::from_chars(
                digits.data(), digits.data() + digits.size(), request.throttle_bytes_per_s
            );
        }
    }
    return None(std::move(found));
}

}  // namespace annals::namespaces
