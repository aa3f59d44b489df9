// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "log_pages.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "annals/base/clock.hpp"
#include "annals/codec/text.hpp"
#include "annals/model/limits.hpp"
#include "annals/model/token.hpp"

#include "go_text.hpp"

namespace annals::dialect_eskit {
namespace {

using contracts::eventstore::AppLogEntry;
using contracts::eventstore::AppLogRequest;
using contracts::eventstore::AppLogResponse;

constexpr std::uint32_t kUsualSize = 20;
constexpr std::uint32_t kScanEvents = 1'000;
constexpr std::uint32_t kTypesPage = 1'000;
/// Beyond so many types it is quicker to look at every event.
constexpr std::size_t kTypesListedMax = 4'000;
/// An answer ends here, whatever its size was to be; the caller goes on from its last id.
constexpr std::size_t kAnswerBytesMax = 256u << 20u;

/// What the store may leave out by itself: types, as far as they are known at a position.
struct Narrowed {
    std::vector<std::string> types;  ///< empty: every type
    Position upto{std::numeric_limits<std::uint64_t>::max()};
    bool is_nothing = false;
};

/// The types in the log that match. Those that come later are unknown: nothing beyond `upto` is
/// shown, so that no reader goes past an event that it was not shown.
Result<Narrowed> narrow_by_types_in_use(
    api::EventStore& store, const api::CallContext& context, const Selector& selector
) {
    Narrowed narrowed;
    api::ListRequest request;
    const std::string prefix = selector.type_prefix();
    if (prefix.size() > model::Limits::kTypeBytesMax) {
        narrowed.is_nothing = true;
        return narrowed;
    }
    // A type with control characters is another one in the store.
    if (!codec::has_control_character(prefix)) request.prefix = prefix;
    request.limit = kTypesPage;
    for (std::size_t listed = 0; listed < kTypesListedMax;) {
        ANNALS_TRY(const api::StreamList page, store.list_types(context, request));
        if (listed == 0) {
            ANNALS_TRY(const model::PositionToken token, model::parse_token(page.position));
            narrowed.upto = token.position;
        }
        for (const api::StreamSummary& type : page.streams) {
            const bool is_altered = type.name.find(kReplaced) != std::string::npos;
            if (is_altered || selector.matches(type.name)) narrowed.types.push_back(type.name);
        }
        if (narrowed.types.size() > model::Limits::kQueryTypesMax) return Narrowed();
        listed += page.streams.size();
        if (page.streams.size() < kTypesPage) {
            narrowed.is_nothing = narrowed.types.empty();
            return narrowed;
        }
        request.after = page.streams.back().name;
    }
    return Narrowed();
}

Result<Narrowed> narrow(
    api::EventStore& store, const api::CallContext& context, const Selector& selector
) {
    if (selector.is_everything()) return Narrowed();
    return narrow_by_types_in_use(store, context, selector);
}

bool is_beyond_end(const Error& error) { return error.code() == ErrorCode::kTokenBeyondEnd; }

/// Adds what matches; false when the answer has what it may have.
class Answer {
  public:
    Answer(const Selector& selector, std::uint32_t wanted, Position upto)
        : selector_(selector), wanted_(wanted), upto_(upto) {}

    Status add(const model::RecordedEvent& event) {
        if (event.position > upto_) is_full_ = true;
        if (is_full_ || !selector_.matches(event_type_of(event))) return ok();
        AppLogEntry* entry = response_.add_results();
        *entry = to_entry(event);
        bytes_ += entry->ByteSizeLong();
        is_full_ = left() == 0 || bytes_ >= kAnswerBytesMax;
        return ok();
    }

    [[nodiscard]] bool is_full() const { return is_full_; }
    [[nodiscard]] std::uint32_t left() const {
        return wanted_ - static_cast<std::uint32_t>(response_.results_size());
    }
    AppLogResponse take() { return std::move(response_); }

  private:
    const Selector& selector_;
    const std::uint32_t wanted_;
    const Position upto_;
    AppLogResponse response_;
    std::size_t bytes_ = 0;
    bool is_full_ = false;
};

}  // namespace

Result<std::uint64_t> parse_from_id(std::string_view from_id) {
    if (from_id.empty()) return std::uint64_t{0};
    auto id = parse_uint(from_id);
    if (id) return id;
    return Error(
        ErrorCode::kInvalidArgument, "invalid fromID : " + std::string(id.error().message())
    );
}

std::uint32_t entries_wanted(std::uint32_t size) { return size == 0 ? kUsualSize : size; }

AppLogEntry to_entry(const model::RecordedEvent& event) {
    AppLogEntry entry;
    entry.set_id(std::to_string(event.position.value));
    *entry.mutable_event() = to_contract(event, VersionText::kVerbatim);
    return entry;
}

Result<AppLogResponse> read_log(
    api::EventStore& store, const api::CallContext& context, const AppLogRequest& request
) {
    ANNALS_TRY(const std::uint64_t from_id, parse_from_id(request.from_id()));
    const Selector selector(request.selector(), request.pipeline_id());
    ANNALS_TRY(const Narrowed narrowed, narrow(store, context, selector));
    if (narrowed.is_nothing) return AppLogResponse();

    Answer answer(selector, entries_wanted(request.size()), narrowed.upto);
    api::ReadRequest read;
    read.filter.types = narrowed.types;
    if (from_id > 1) read.start = api::FromPosition{Position(from_id)};
    while (true) {
        const std::uint32_t useful = selector.is_everything() ? answer.left() : kScanEvents;
        read.limit = std::min(useful, kScanEvents);
        const auto page = store.read(context, read);
        if (!page && is_beyond_end(page.error())) break;
        if (!page) return page.error();
        ANNALS_CHECK(page->events.for_each([&](const model::RecordedEvent& event) {
            return answer.add(event);
        }));
        if (answer.is_full() || page->is_end || page->next.empty()) break;
        if (system_clock().monotonic_ns() > context.deadline_ns) {
            return Error(ErrorCode::kDeadlineExceeded, "the log was not read through in time");
        }
        read.start = api::AfterToken{page->next};
    }
    return answer.take();
}

}  // namespace annals::dialect_eskit
