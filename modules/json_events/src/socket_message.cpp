// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/socket_message.hpp"

#include <limits>
#include <utility>

#include "annals/json_events/time_text.hpp"

#include "json_reader.hpp"

namespace annals::json_events {
namespace {

/// The message itself; places point to what they are in.
constexpr std::string_view kSubscribeMembers =
    "op, id, namespace, stream, filter, from, after, from_revision, from_position, from_time, "
    "credit, batch_events_max, checkpoint_interval, format";
constexpr std::string_view kFilterMembers =
    "categories, types, tags, prefixes, match, match_type, include_system, since, until";

Result<std::uint64_t> number_up_to(ondemand::value& value, const Where& where, std::uint64_t max) {
    ANNALS_TRY(const std::uint64_t number, read_number(value, where));
    if (number > max) {
        return not_acceptable(where, std::to_string(number), "at most " + std::to_string(max));
    }
    return number;
}

Result<std::uint32_t> small_number(ondemand::value& value, const Where& where) {
    ANNALS_TRY(
        const std::uint64_t number,
        number_up_to(value, where, std::numeric_limits<std::uint32_t>::max())
    );
    return static_cast<std::uint32_t>(number);
}

Result<TimeNs> read_time(ondemand::value& value, const Where& where) {
    ANNALS_TRY(const std::string_view text, read_text(value, where));
    ANNALS_TRY(const model::ValidTime time, parse_time(text, where.text()));
    return time.at;
}

/// Collects the members of a message in whatever order they come.
class MessageReader {
  public:
    explicit MessageReader(std::string& id_seen) : id_(id_seen) {}

    Status member(std::string_view name, ondemand::value& value) {
        const Where here = kTop.at(name);
        if (name == "op") return text(value, here, op_);
        if (name == "id") return id(value, here);
        if (name == "credit" || name == "events") {
            ANNALS_TRY(const std::uint64_t number, number_up_to(value, here, kCreditMax));
            (name == "credit" ? credit_ : events_) = number;
            return ok();
        }
        return subscribe_member(name, value, here);
    }

    Result<SocketMessage> end() {
        SocketMessage message;
        message.id = id_;
        if (id_.empty()) return left_out(kTop.at("id"), "a text");
        if (op_ == "subscribe") {
            if (events_) return stray("events", std::to_string(*events_));
            if (credit_.value_or(0) == 0) {
                constexpr std::string_view kRule = "how many events may come at first, 1 or more";
                return credit_ ? not_acceptable(kTop.at("credit"), "0", kRule)
                               : left_out(kTop.at("credit"), kRule);
            }
            subscribe_.credit = *credit_;
            message.body = std::move(subscribe_);
            return message;
        }
        if (!subscribe_only_.empty()) return stray(subscribe_only_, subscribe_only_value_);
        if (credit_) return stray("credit", std::to_string(*credit_));
        if (op_ == "credit") {
            if (!events_) return left_out(kTop.at("events"), "how many more may come");
            message.body = CreditMessage{*events_};
            return message;
        }
        if (events_) return stray("events", std::to_string(*events_));
        if (op_ == "unsubscribe") {
            message.body = UnsubscribeMessage{};
            return message;
        }
        if (op_ == "ping") {
            message.body = PingMessage{};
            return message;
        }
        constexpr std::string_view kOps = "subscribe, credit, unsubscribe or ping";
        return op_.empty() ? left_out(kTop.at("op"), kOps)
                           : not_acceptable(kTop.at("op"), op_, kOps);
    }

  private:
    static Status text(ondemand::value& value, const Where& where, std::string& into) {
        ANNALS_TRY(const std::string_view read, read_text(value, where));
        into = read;
        return ok();
    }

    Status id(ondemand::value& value, const Where& where) {
        ANNALS_TRY(const std::string_view read, read_text(value, where));
        if (read.empty() || read.size() > kSocketIdBytesMax)
            return not_acceptable(where, read, "1 to 128 bytes");
        id_ = read;
        return ok();
    }

    /// Empty: the value is a whole object, which has been read.
    [[nodiscard]] Error stray(std::string_view name, std::string_view value) const {
        const std::string rule = "left out: " + op_ + " has no such member";
        return value.empty() ? not_acceptable(kTop.at(name), rule)
                             : not_acceptable(kTop.at(name), value, rule);
    }

    Status subscribe_member(std::string_view name, ondemand::value& value, const Where& here) {
        api::SubscribeRequest& request = subscribe_.request;
        // Views into the document, which lives until the message has been read.
        subscribe_only_ = name;
        subscribe_only_value_ = plain_raw_of(value);
        if (name == "namespace") {
            return text(value, here, subscribe_.name_space);
        }
        if (name == "stream") {
            ANNALS_CHECK(text(value, here, request.stream));
            if (!request.stream.empty()) return ok();
            return not_acceptable(here, "", "a name; left out it is everything");
        }
        if (name == "filter") {
            return filter(value, here);
        }
        if (name == "format") {
            return format(value, here);
        }
        if (name == "batch_events_max") {
            ANNALS_TRY(request.batch_events_max, small_number(value, here));
            return ok();
        }
        if (name == "checkpoint_interval") {
            ANNALS_TRY(request.checkpoint_interval, small_number(value, here));
            return ok();
        }
        return start(name, value, here);
    }

    Status start(std::string_view name, ondemand::value& value, const Where& here) {
        const bool is_start = name == "after" || name == "from" || name == "from_revision" ||
                              name == "from_position" || name == "from_time";
        if (!is_start) return unknown_member(kTop, name, value, kSubscribeMembers);
        if (std::exchange(has_start_, true))
            return not_acceptable(here, raw_of(value), "left out beside another start");
        api::SubscribeStart& into = subscribe_.request.start;
        if (name == "after") {
            ANNALS_TRY(const std::string_view token, read_text(value, here));
            subscribe_.resume = token;
            return ok();
        }
        if (name == "from") {
            ANNALS_TRY(const std::string_view word, read_text(value, here));
            if (word == "end") into = api::FromEnd{};
            if (word == "end" || word == "start") return ok();
            return not_acceptable(here, word, "\"start\" or \"end\"");
        }
        if (name == "from_time") {
            ANNALS_TRY(const TimeNs time, read_time(value, here));
            into = api::FromTime{time};
            return ok();
        }
        ANNALS_TRY(const std::uint64_t number, read_number(value, here));
        if (name == "from_revision") into = api::FromRevision{Revision(number)};
        if (name == "from_position") into = api::FromPosition{Position(number)};
        return ok();
    }

    Status format(ondemand::value& value, const Where& here) {
        ANNALS_TRY(const std::string_view word, read_text(value, here));
        if (word == "cloudevents") {
            subscribe_.format = EventFormat::kCloudEvent;
            return ok();
        }
        if (word == "plain") return ok();
        return not_acceptable(here, word, "\"plain\" or \"cloudevents\"");
    }

    Status filter(ondemand::value& value, const Where& where) {
        ANNALS_TRY(ondemand::object object, read_object(value, where));
        model::Filter& filter = subscribe_.request.filter;
        return for_each_member(
            object,
            where,
            [&](std::string_view name, ondemand::value& member) -> Status {
                const Where here = where.at(name);
                if (name == "categories") return texts(member, here, filter.categories);
                if (name == "types") return texts(member, here, filter.types);
                if (name == "tags") return texts(member, here, filter.tags);
                if (name == "prefixes") return texts(member, here, filter.stream_prefixes);
                if (name == "match") return text(member, here, filter.stream_pattern);
                if (name == "match_type") return text(member, here, filter.type_pattern);
                if (name == "since") return time(member, here, filter.recorded_since);
                if (name == "until") return time(member, here, filter.recorded_until);
                if (name == "include_system") {
                    ANNALS_TRY(filter.include_system, read_boolean(member, here));
                    return ok();
                }
                return unknown_member(where, name, member, kFilterMembers);
            }
        );
    }

    static Status time(ondemand::value& value, const Where& where, TimeNs& into) {
        ANNALS_TRY(const TimeNs time, read_time(value, where));
        into = time_bound(time);
        return ok();
    }

    static Status texts(
        ondemand::value& value, const Where& where, std::vector<std::string>& into
    ) {
        ANNALS_TRY(ondemand::array array, read_array(value, where));
        return for_each_element(
            array,
            where,
            [&](std::size_t index, ondemand::value& element) -> Status {
                ANNALS_TRY(const std::string_view read, read_text(element, where.at(index)));
                into.emplace_back(read);
                return ok();
            }
        );
    }

    std::string& id_;
    std::string op_;
    SubscribeMessage subscribe_;
    std::optional<std::uint64_t> credit_;
    std::optional<std::uint64_t> events_;
    std::string_view subscribe_only_;  ///< a member that only subscribe has
    std::string_view subscribe_only_value_;
    bool has_start_ = false;
};

}  // namespace

Result<SocketMessage> parse_socket_message(std::string text, std::string& id_seen) {
    id_seen.clear();
    ANNALS_CHECK(Document::check(text));
    Document document(std::move(text));
    ANNALS_TRY(ondemand::value root, document.root());
    ANNALS_TRY(ondemand::object object, read_object(root, kTop));
    MessageReader reader(id_seen);
    const auto visit = [&](std::string_view name, ondemand::value& value) {
        return reader.member(name, value);
    };
    ANNALS_CHECK(for_each_member(object, kTop, visit));
    return reader.end();
}

}  // namespace annals::json_events
