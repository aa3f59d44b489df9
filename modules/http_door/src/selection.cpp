// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "selection.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "annals/json_events/time_text.hpp"
#include "annals/model/limits.hpp"
#include "annals/model/token.hpp"

namespace annals::http_door::detail {
namespace {

constexpr std::uint64_t kAnyNumber = std::numeric_limits<std::uint64_t>::max();
constexpr std::string_view kLimits = "1 to 4096";
constexpr std::uint32_t kWaitMsMax = 60'000;
constexpr std::uint32_t kMinPositionWaitMs = 5'000;

/// What is read, which decides what there is to say of it.
enum class ReadKind : std::uint8_t { kStream, kEverything, kOneId };

bool is_number(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Result<std::uint64_t> to_number(std::string_view name, std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
        return bad_parameter(name, text, "a number, 0 to " + std::to_string(kAnyNumber));
    return number;
}

/// Reads what says where to start; at most one of them may be there.
class StartReader {
  public:
    StartReader(Parameters& parameters, Selection& selection, ReadKind kind)
        : parameters_(parameters), selection_(selection), kind_(kind) {}

    Status read() {
        ANNALS_CHECK(from());
        ANNALS_TRY(const auto after, parameters_.text("after"));
        if (after) ANNALS_CHECK(set("after", *after, api::AfterToken{*after}));
        if (kind_ != ReadKind::kOneId) ANNALS_CHECK(from_revision());
        ANNALS_TRY(const auto position, parameters_.number("from_position", kAnyNumber));
        if (position) {
            const api::FromPosition start{Position(*position)};
            ANNALS_CHECK(set("from_position", std::to_string(*position), start));
        }
        ANNALS_TRY(const auto time, parameters_.text("from_time"));
        if (time) {
            ANNALS_TRY(const auto parsed, json_events::parse_time(*time, "from_time"));
            ANNALS_CHECK(set("from_time", *time, api::FromTime{parsed.at}));
        }
        return ok();
    }

  private:
    Status from_revision() {
        ANNALS_TRY(const auto revision, parameters_.number("from_revision", kAnyNumber));
        if (!revision) return ok();
        const api::FromRevision start{Revision(*revision)};
        return set("from_revision", std::to_string(*revision), start);
    }

    /// A revision of a stream, a position of everything, a time, or `start` or `end`.
    Status from() {
        ANNALS_TRY(const auto from, parameters_.text("from"));
        if (!from || *from == "start") return ok();
        if (*from == "end") {
            selection_.is_from_end = true;
            return ok();
        }
        if (is_number(*from)) {
            ANNALS_TRY(const std::uint64_t number, to_number("from", *from));
            if (is_stream()) return set("from", *from, api::FromRevision{Revision(number)});
            return set("from", *from, api::FromPosition{Position(number)});
        }
        const auto time = json_events::parse_time(*from, "from");
        if (!time) {
            return bad_parameter(
                "from",
                *from,
                is_stream() ? "a revision, a time (RFC 3339), start or end"
                            : "a position, a time (RFC 3339), start or end"
            );
        }
        return set("from", *from, api::FromTime{time->at});
    }

    Status set(std::string_view name, std::string_view value, api::ReadStart start) {
        if (selection_.read.start.index() != 0 || selection_.is_from_end)
            return bad_parameter(name, value, "left out beside another start");
        selection_.read.start = std::move(start);
        return ok();
    }

    [[nodiscard]] bool is_stream() const { return kind_ == ReadKind::kStream; }

    Parameters& parameters_;
    Selection& selection_;
    const ReadKind kind_;
};

Status read_time(Parameters& parameters, std::string_view name, TimeNs& time) {
    ANNALS_TRY(const auto text, parameters.text(name));
    if (!text) return ok();
    ANNALS_TRY(const auto parsed, json_events::parse_time(*text, name));
    time = json_events::time_bound(parsed.at);
    return ok();
}

/// Empty where it is left out: said and empty it would be no filter.
Result<std::string> some_text(Parameters& parameters, std::string_view name) {
    ANNALS_TRY(auto text, parameters.text(name));
    if (text && text->empty()) return bad_parameter(name, "", "left out, or not empty");
    return std::move(text).value_or("");
}

/// Of one stream nothing says which streams.
Status read_filter(Parameters& parameters, ReadKind kind, model::Filter& filter) {
    filter.types = parameters.texts("type");
    filter.tags = parameters.texts("tag");
    if (kind != ReadKind::kStream) {
        filter.categories = parameters.texts("category");
        filter.stream_prefixes = parameters.texts("prefix");
        ANNALS_TRY(filter.stream_pattern, some_text(parameters, "match"));
    }
    // Whoever knows an id means its events wherever they are.
    filter.include_system = kind == ReadKind::kOneId;
    if (kind == ReadKind::kEverything) {
        ANNALS_TRY(filter.include_system, parameters.boolean("include_system"));
    }
    ANNALS_TRY(filter.type_pattern, some_text(parameters, "match_type"));
    ANNALS_CHECK(read_time(parameters, "since", filter.recorded_since));
    return read_time(parameters, "until", filter.recorded_until);
}

Status read_as_of(Parameters& parameters, AsOf& as_of) {
    ANNALS_TRY(const auto text, parameters.text("as_of"));
    if (!text) return ok();
    if (is_number(*text)) {
        ANNALS_TRY(const std::uint64_t number, to_number("as_of", *text));
        as_of = api::FromPosition{Position(number)};
    } else if (const auto time = json_events::parse_time(*text, "as_of")) {
        as_of = api::FromTime{time->at};
    } else if (model::parse_token(*text, "as_of")) {
        as_of = api::AfterToken{*text};
    } else {
        return bad_parameter("as_of", *text, "a position token, a position or a time (RFC 3339)");
    }
    return ok();
}

Result<std::optional<std::uint32_t>> small_number(Parameters& parameters, std::string_view name) {
    ANNALS_TRY(
        const auto number, parameters.number(name, std::numeric_limits<std::uint32_t>::max())
    );
    if (!number) return std::optional<std::uint32_t>();
    return std::optional(static_cast<std::uint32_t>(*number));
}

/// What every read has. Answers the limit that was sent.
Result<std::optional<std::uint32_t>> read_bounds(
    Parameters& parameters, ReadKind kind, Selection& selection
) {
    api::ReadRequest& read = selection.read;
    StartReader start(parameters, selection, kind);
    ANNALS_CHECK(start.read());
    ANNALS_CHECK(read_filter(parameters, kind, read.filter));
    ANNALS_CHECK(read_as_of(parameters, selection.as_of));
    ANNALS_TRY(const auto direction, parameters.text("direction"));
    if (direction == "backwards") {
        read.direction = api::Direction::kBackwards;
    } else if (direction && direction != "forwards") {
        return bad_parameter("direction", *direction, "forwards or backwards");
    }
    ANNALS_TRY(const auto limit, parameters.limit(kPageMax, kUint32Max));
    if (limit) read.limit = *limit;
    return limit;
}

}  // namespace

Result<Selection> parse_selection(const Request& request, std::string stream) {
    Selection selection;
    api::ReadRequest& read = selection.read;
    read.stream = std::move(stream);
    const ReadKind kind = read.stream.empty() ? ReadKind::kEverything : ReadKind::kStream;
    ANNALS_TRY(Parameters parameters, Parameters::parse(request.query));
    ANNALS_TRY(const auto limit, read_bounds(parameters, kind, selection));
    ANNALS_TRY(read.min_position, some_text(parameters, "min_position"));
    const bool is_parameter = !read.min_position.empty();
    if (!is_parameter) read.min_position = request.header("Min-Position");
    ANNALS_TRY(const auto wait, parameters.milliseconds("wait", kWaitMsMax));
    selection.wait_ms = wait.value_or(0);
    if (limit) selection.of_pages = "limit";
    if (wait) selection.of_pages = "wait";
    if (!read.min_position.empty())
        selection.of_pages = is_parameter ? "min_position" : "Min-Position";
    if (!read.min_position.empty()) read.max_wait_ms = wait.value_or(kMinPositionWaitMs);
    ANNALS_TRY(selection.batch_events_max, small_number(parameters, "batch_events_max"));
    ANNALS_TRY(selection.checkpoint_interval, small_number(parameters, "checkpoint_interval"));
    ANNALS_CHECK(parameters.end());
    return selection;
}

Result<Selection> parse_id_selection(const Request& request) {
    Selection selection;
    ANNALS_TRY(Parameters parameters, Parameters::parse(request.query));
    ANNALS_TRY(const auto limit, read_bounds(parameters, ReadKind::kOneId, selection));
    if (limit.value_or(0) > model::Limits::kReadEventsMax)
        return bad_parameter("limit", std::to_string(*limit), kLimits);
    ANNALS_CHECK(parameters.end());
    return selection;
}

Status check_page(const Selection& selection) {
    constexpr std::string_view kWhy = "left out: only a feed has it (Accept: text/event-stream)";
    const auto refused = [&](std::string_view name, std::uint32_t value) {
        return bad_parameter(name, std::to_string(value), kWhy);
    };
    if (selection.batch_events_max) return refused("batch_events_max", *selection.batch_events_max);
    if (selection.checkpoint_interval)
        return refused("checkpoint_interval", *selection.checkpoint_interval);
    // From the end backwards is the usual start; forwards nothing lies there yet.
    if (selection.is_from_end && selection.read.direction == api::Direction::kForwards) {
        return bad_parameter(
            "from", "end", "something else: forwards, only a subscription starts at the end"
        );
    }
    return ok();
}

Result<api::SubscribeRequest> subscribe_request(const Request& request, Selection selection) {
    if (selection.read.direction == api::Direction::kBackwards)
        return bad_parameter("direction", "backwards", "forwards: a subscription goes on");
    if (selection.as_of.index() != 0)
        return bad_as_sent(request, "as_of", "left out: a subscription has no end");
    if (!selection.of_pages.empty()) {
        return bad_as_sent(
            request, selection.of_pages, "left out: a feed goes on, it has no pages and no end"
        );
    }
    api::SubscribeRequest subscribe;
    subscribe.stream = std::move(selection.read.stream);
    subscribe.filter = std::move(selection.read.filter);
    std::visit([&](auto& start) { subscribe.start = std::move(start); }, selection.read.start);
    if (selection.is_from_end) subscribe.start = api::FromEnd{};
    if (selection.batch_events_max) subscribe.batch_events_max = *selection.batch_events_max;
    if (selection.checkpoint_interval)
        subscribe.checkpoint_interval = *selection.checkpoint_interval;
    const std::string_view last = request.header("Last-Event-ID");
    if (!last.empty()) subscribe.start = api::AfterToken{std::string(last)};
    return subscribe;
}

std::string resume_id(const std::string& token, std::optional<Position> position) {
    return position ? token + "." + std::to_string(position->value) : token;
}

ResumePoint parse_resume_id(std::string_view id) {
    const std::size_t dot = id.rfind('.');
    if (dot == std::string_view::npos) return {std::string(id), std::nullopt};
    std::uint64_t number = 0;
    const char* end = id.data() + id.size();
    const auto [at, error] = std::from_chars(id.data() + dot + 1, end, number);
    // No token has a dot: what follows it must be a number, or the whole is refused as a token.
    if (error != std::errc() || at != end) return {std::string(id), std::nullopt};
    return {std::string(id.substr(0, dot)), Position(number)};
}

}  // namespace annals::http_door::detail
