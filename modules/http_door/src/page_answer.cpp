// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "page_answer.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "annals/json_events/answer_json.hpp"
#include "annals/model/event.hpp"
#include "annals/model/query.hpp"
#include "annals/model/token.hpp"
#include "annals/patterns/pattern.hpp"

#include "conditions.hpp"
#include "media_types.hpp"
#include "sent_names.hpp"

namespace annals::http_door::detail {
namespace {

/// Where the past ends that a read as of something sees.
struct Cut {
    Position position;
    std::string token;
};

api::ReadRequest one_back(api::ReadStart start) {
    api::ReadRequest request;
    request.direction = api::Direction::kBackwards;
    request.start = std::move(start);
    request.limit = 1;
    request.filter.include_system = true;
    return request;
}

Position first_position(const model::EventBatch& events) {
    Position first;
    (void)events.for_each([&](const model::RecordedEvent& event) -> Status {
        first = event.position;
        return Error(ErrorCode::kCancelled, "one is enough");
    });
    return first;
}

/// The position that a token says: reading behind it tells whether it is one of this log's.
Result<Position> position_of(
    api::EventStore& store,
    const api::CallContext& context,
    const std::string& token,
    std::string_view field
) {
    api::ReadRequest check = one_back(api::AfterToken{token});
    check.direction = api::Direction::kForwards;
    const Result<api::ReadPage> checked = store.read(context, check);
    if (!checked && checked.error().field("field") == "after")
        return renamed(checked.error(), field);
    if (!checked) return checked.error();
    ANNALS_TRY(const model::PositionToken parsed, model::parse_token(token, field));
    return parsed.position;
}

/// As of it nothing can be told yet: what is shown now would not stay so. A token is refused alike.
Error beyond_end(Position position, Position end) {
    const std::string value = std::to_string(position.value);
    const std::string last = std::to_string(end.value);
    return Error(
               ErrorCode::kTokenBeyondEnd,
               "as_of " + value + " is beyond the end of the log, " + last +
                   ": name a position up to there, or leave it out"
    )
        .with("field", "as_of")
        .with("value", value)
        .with("position", value)
        .with("end", last);
}

/// The newest position of the past that is meant; 0 when nothing was there.
Result<Cut> find_cut(api::EventStore& store, const api::CallContext& context, const AsOf& as_of) {
    api::ReadStart start;
    if (const auto* token = std::get_if<api::AfterToken>(&as_of)) {
        ANNALS_TRY(const Position position, position_of(store, context, token->token, "as_of"));
        return Cut{position, token->token};
    }
    if (const auto* position = std::get_if<api::FromPosition>(&as_of)) start = *position;
    // Recorded at the very time belongs to it.
    if (const auto* time = std::get_if<api::FromTime>(&as_of))
        start = api::FromTime{TimeNs(time->time.value + 1)};
    ANNALS_TRY(const api::ReadPage page, store.read(context, one_back(std::move(start))));
    ANNALS_TRY(model::PositionToken start_of_log, model::parse_token(page.position));
    const auto* wanted = std::get_if<api::FromPosition>(&as_of);
    if (wanted != nullptr && wanted->position > start_of_log.position)
        return beyond_end(wanted->position, start_of_log.position);
    const Position position = first_position(page.events);
    if (position != Position()) return Cut{position, page.next};
    start_of_log.position = Position();
    start_of_log.chain_bits = 0;
    return Cut{Position(), model::format_token(start_of_log)};
}

void keep(const model::RecordedEvent& event, model::EventBatch& kept) {
    std::string envelope;
    std::string payload;
    model::encode_envelope(envelope, event, event.id);
    model::encode_payload(payload, event);
    kept.add(envelope, payload, event.position, event.revision, event.recorded_time);
}

/// Without the events behind the cut. True when there were some.
Result<bool> drop_behind(Position cut, model::EventBatch& events) {
    bool is_cut = false;
    model::EventBatch kept;
    ANNALS_CHECK(events.for_each([&](const model::RecordedEvent& event) {
        if (event.position > cut) {
            is_cut = true;
        } else {
            keep(event, kept);
        }
        return ok();
    }));
    if (is_cut) events = std::move(kept);
    return is_cut;
}

/// Without what is told of events behind the cut. Of what lies across it nobody has counted how
/// much lies before.
void drop_behind(Position cut, std::vector<api::RemovedEvents>& removed) {
    std::erase_if(removed, [&](const api::RemovedEvents& one) { return one.first_position > cut; });
    for (api::RemovedEvents& one : removed) {
        if (one.last_position <= cut) continue;
        api::RemovedEvents before;
        before.first_position = one.first_position;
        before.last_position = cut;
        before.is_uncertain = true;
        one = before;
    }
}

/// A structured field (RFC 9651): the sum, and whether there may be more that nobody knows of.
std::string text_of(const std::vector<api::RemovedEvents>& removed) {
    std::uint64_t events = 0;
    bool is_uncertain = false;
    for (const api::RemovedEvents& one : removed) {
        events += one.events;
        is_uncertain = is_uncertain || one.is_uncertain;
    }
    return std::to_string(events) + (is_uncertain ? ";uncertain" : "");
}

/// Which events with an id are asked for.
class IdFilter {
  public:
    /// Asks the store where a token or the past that is meant ends.
    static Result<IdFilter> make(
        api::EventStore& store, const api::CallContext& context, const Selection& selection
    ) {
        IdFilter filter(selection.read);
        const std::string& of_stream = selection.read.filter.stream_pattern;
        if (!of_stream.empty()) {
            ANNALS_TRY(
                filter.stream_pattern_,
                patterns::Pattern::compile(of_stream, "filter.stream_pattern")
            );
        }
        const std::string& of_type = selection.read.filter.type_pattern;
        if (!of_type.empty()) {
            ANNALS_TRY(
                filter.type_pattern_, patterns::Pattern::compile(of_type, "filter.type_pattern")
            );
        }
        ANNALS_CHECK(model::check_filter(selection.read.filter));
        if (const auto* token = std::get_if<api::AfterToken>(&selection.read.start)) {
            ANNALS_TRY(filter.after_, position_of(store, context, token->token, "after"));
        }
        if (selection.as_of.index() != 0) {
            ANNALS_TRY(filter.cut_, find_cut(store, context, selection.as_of));
        }
        return filter;
    }

    [[nodiscard]] const std::optional<Cut>& cut() const { return cut_; }

    [[nodiscard]] Result<bool> takes(const model::RecordedEvent& event) const {
        if (cut_ && event.position > cut_->position) return false;
        if (!is_behind_start(event)) return false;
        if (!model::matches(read_->filter, event)) return false;
        if (!read_->filter.is_within_time(event.recorded_time)) return false;
        if (stream_pattern_) {
            ANNALS_TRY(const bool is_met, stream_pattern_->matches(event.stream));
            if (!is_met) return false;
        }
        return type_pattern_ ? type_pattern_->matches(event.type) : Result<bool>(true);
    }

  private:
    explicit IdFilter(const api::ReadRequest& read) : read_(&read) {}

    [[nodiscard]] bool is_behind_start(const model::RecordedEvent& event) const {
        const bool is_back = read_->direction == api::Direction::kBackwards;
        if (after_) return is_back ? event.position < *after_ : event.position > *after_;
        if (const auto* from = std::get_if<api::FromPosition>(&read_->start))
            return is_back ? event.position <= from->position : event.position >= from->position;
        if (const auto* from = std::get_if<api::FromTime>(&read_->start))
            return is_back ? event.recorded_time < from->time : event.recorded_time >= from->time;
        return true;
    }

    const api::ReadRequest* read_;
    std::optional<patterns::Pattern> stream_pattern_;
    std::optional<patterns::Pattern> type_pattern_;
    std::optional<Position> after_;
    std::optional<Cut> cut_;
};

bool names_a_start(std::string_view name) {
    constexpr std::array<std::string_view, 5> kStarts{
        "after", "from", "from_revision", "from_position", "from_time"
    };
    return std::find(kStarts.begin(), kStarts.end(), name) != kStarts.end();
}

}  // namespace

json_events::EventFormat event_format(const Request& request) {
    return request.media_type == kCloudBatchType ? json_events::EventFormat::kCloudEvent
                                                 : json_events::EventFormat::kPlain;
}

std::string url_after(const StoreCall& call, std::string_view after) {
    const Request& request = call.exchange.request();
    std::string url;
    for (const std::string& segment : request.segments) {
        url.push_back('/');
        json_events::append_percent_encoded(url, segment);
    }
    char before = '?';
    std::string_view query = request.query;
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view item = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (item.empty() || names_a_start(item.substr(0, item.find('=')))) continue;
        url.push_back(before);
        before = '&';
        // As it came, but for what would end the link.
        for (const char c : item) {
            if (c == '>' || c == '<' || c == '"' || c == ' ') {
                json_events::append_percent_encoded(url, std::string_view(&c, 1));
            } else {
                url.push_back(c);
            }
        }
    }
    url.push_back(before);
    url += "after=";
    json_events::append_percent_encoded(url, after);
    return url;
}

Response page_response(const StoreCall& call, const api::ReadPage& page) {
    const auto format = event_format(call.exchange.request());
    std::string body;
    body.reserve(page.events.bytes().size() * 2 + 256);
    Status written = ok();
    Response response;
    if (format == json_events::EventFormat::kCloudEvent) {
        written = json_events::append_events(body, page.events, format, call.name_space);
        response.content_type = kCloudBatchType;
        // An array of events has no place to say more.
        if (!page.removed.empty()) {
            response.headers.push_back({"Removed-Events", text_of(page.removed)});
        }
    } else {
        written = json_events::append_answer(body, page, format, call.name_space);
        response.content_type = kJsonType;
    }
    if (!written) return problem(written.error(), call.exchange.request());
    body.push_back('\n');
    response.body = std::move(body);
    if (page.last_revision) {
        response.headers.push_back({"ETag", etag_of(*page.last_revision)});
    }
    if (!page.position.empty()) response.headers.push_back({"Position", page.position});
    if (!page.is_end && !page.next.empty()) {
        response.headers.push_back({"Link", "<" + url_after(call, page.next) + ">; rel=\"next\""});
    }
    return response;
}

Result<api::ReadPage> read_page(
    api::EventStore& store, const api::CallContext& context, const Selection& selection
) {
    if (selection.as_of.index() == 0) return store.read(context, selection.read);
    ANNALS_TRY(const Cut cut, find_cut(store, context, selection.as_of));
    api::ReadRequest request = selection.read;
    const bool is_backwards = request.direction == api::Direction::kBackwards;
    if (is_backwards && request.start.index() == 0) request.start = api::FromPosition{cut.position};
    ANNALS_TRY(api::ReadPage page, store.read(context, request));
    ANNALS_TRY(const bool is_cut, drop_behind(cut.position, page.events));
    drop_behind(cut.position, page.removed);
    page.position = cut.token;
    page.last_revision.reset();
    if (is_cut && !is_backwards) {
        page.is_end = true;
        page.next.clear();
    }
    return page;
}

Result<api::ReadPage> read_id_page(
    api::EventStore& store,
    const api::CallContext& context,
    const Uuid& id,
    const Selection& selection
) {
    ANNALS_TRY(const IdFilter filter, IdFilter::make(store, context, selection));
    ANNALS_TRY(api::ReadPage page, store.get_event(context, id));
    if (filter.cut()) page.position = filter.cut()->token;
    ANNALS_TRY(std::vector<model::RecordedEvent> events, page.events.decode());
    if (selection.read.direction == api::Direction::kBackwards)
        std::reverse(events.begin(), events.end());
    model::EventBatch kept;
    Position last;
    for (const model::RecordedEvent& event : events) {
        ANNALS_TRY(const bool is_taken, filter.takes(event));
        if (!is_taken) continue;
        if (kept.size() == selection.read.limit) {
            page.is_end = false;
            break;
        }
        keep(event, kept);
        last = event.position;
    }
    if (!page.is_end) {
        const api::ReadRequest there = one_back(api::FromPosition{last});
        ANNALS_TRY(const api::ReadPage at_last, store.read(context, there));
        page.next = at_last.next;
    }
    page.events = std::move(kept);
    return page;
}

}  // namespace annals::http_door::detail
