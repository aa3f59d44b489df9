// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "entity_events.hpp"

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "annals/model/limits.hpp"

#include "go_text.hpp"
#include "naming.hpp"
#include "stream_finder.hpp"
#include "translation.hpp"

namespace annals::dialect_eskit {
namespace {

using contracts::eventstore::Event;
using contracts::eventstore::GetEventsRequest;
using contracts::eventstore::GetEventsResponse;

constexpr std::uint32_t kPageEvents = 1'000;

/// Events by version; those of one version (only by several streams of one id) by position.
using ByVersion = std::map<std::pair<std::uint64_t, Position>, Event>;

Error not_fetched(std::string_view why) {
    return {ErrorCode::kInternal, std::string("fetch : fetch : ").append(why)};
}

/// What PostgreSQL takes as an integer: blanks around, a sign, digits, 32 bits.
Result<std::int64_t> parse_int32(std::string_view text) {
    const Error refused = not_fetched("version " + quoted(text) + " is not a 32-bit integer");
    constexpr std::string_view kBlanks = " \t\n\r\f\v";
    const std::size_t begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return refused;
    std::string_view digits = text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
    const bool is_negative = digits.starts_with('-');
    if (is_negative || digits.starts_with('+')) digits.remove_prefix(1);
    const auto number = parse_uint(digits);
    constexpr std::uint64_t kMax = std::numeric_limits<std::int32_t>::max();
    if (!number || *number > kMax + (is_negative ? 1 : 0)) return refused;
    const auto value = static_cast<std::int64_t>(*number);
    return is_negative ? -value : value;
}

class Collector {
  public:
    explicit Collector(std::uint64_t version_max) : version_max_(version_max) {}

    void add(const model::RecordedEvent& event) {
        const std::uint64_t version = version_of(event);
        if (version > version_max_) return;
        events_.try_emplace({version, event.position}, to_contract(event, VersionText::kNumber));
    }

    ByVersion& events() { return events_; }

  private:
    const std::uint64_t version_max_;
    ByVersion events_;
};

/// All pages of a read.
template <typename Visit>
Status read_all(
    api::EventStore& store, const api::CallContext& context, api::ReadRequest request, Visit visit
) {
    request.limit = kPageEvents;
    while (true) {
        ANNALS_TRY(const api::ReadPage page, store.read(context, request));
        ANNALS_CHECK(page.events.for_each([&](const model::RecordedEvent& event) {
            visit(event);
            return ok();
        }));
        if (page.is_end || page.next.empty()) return ok();
        request.start = api::AfterToken{page.next};
    }
}

Status collect(
    api::EventStore& store,
    const api::CallContext& context,
    std::string_view key,
    const FoundStream& found,
    Collector& collector
) {
    std::uint64_t in_stream = 0;
    if (found.has_tagged_events) {
        api::ReadRequest tagged;
        tagged.filter.tags.push_back(originator_tag(key));
        ANNALS_CHECK(read_all(store, context, tagged, [&](const model::RecordedEvent& event) {
            if (event.stream == found.stream) ++in_stream;
            collector.add(event);
        }));
    }
    // The rest of the stream is from other doors, if there is a rest.
    ANNALS_TRY(const std::optional<Revision> last, last_revision(store, context, found.stream));
    if (!last || last->value + 1 <= in_stream) return ok();
    api::ReadRequest whole;
    whole.stream = found.stream;
    return read_all(store, context, whole, [&](const model::RecordedEvent& event) {
        collector.add(event);
    });
}

Result<GetEventsResponse> read_events(
    api::EventStore& store,
    const api::CallContext& context,
    const GetEventsRequest& request,
    std::uint64_t version_max
) {
    GetEventsResponse response;
    const std::string key = key_of(request.originator().id());
    ANNALS_TRY(const FoundStream found, find_stream(store, context, key, request.entity_type()));
    if (found.stream.empty()) return response;
    Collector collector(version_max);
    ANNALS_CHECK(collect(store, context, key, found, collector));
    for (auto& [place, event] : collector.events()) *response.add_events() = std::move(event);
    return response;
}

}  // namespace

Result<GetEventsResponse> get_events(
    api::EventStore& store, const api::CallContext& context, const GetEventsRequest& request
) {
    if (!request.has_originator()) return Error(ErrorCode::kInvalidArgument, "missing originator");
    std::uint64_t version_max = std::numeric_limits<std::uint64_t>::max();
    if (!request.originator().version().empty()) {
        ANNALS_TRY(const std::int64_t version, parse_int32(request.originator().version()));
        if (version <= 0) return GetEventsResponse();
        version_max = static_cast<std::uint64_t>(version);
    }
    if (request.originator().id().empty()) return GetEventsResponse();
    auto response = read_events(store, context, request, version_max);
    if (response) return response;
    const Error& error = response.error();
    return Error(error.code(), "fetch : fetch : " + std::string(error.message()));
}

}  // namespace annals::dialect_eskit
