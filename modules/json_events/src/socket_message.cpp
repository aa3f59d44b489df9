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
        if (id_.empty()) return not_acceptable(kTop.at("id"), "left out", "a text");
        if (op_ == "subscribe") {
            if (events_) return stray("events");
            if (credit_.value_or(0) == 0) {
                return not_acceptable(
                    kTop.at("credit"), "none", "how many events may come at first, 1 or more"
                );
            }
            subscribe_.credit = *credit_;
            message.body = std::move(subscribe_);
            return message;
        }
        if (!subscribe_only_.empty()) return stray(subscribe_only_);
        if (credit_) return stray("credit");
        if (op_ == "credit") {
            if (!events_) {
                return not_acceptable(kTop.at("events"), "left out", "how many more may come");
            }
            message.body = CreditMessage{*events_};
            return message;
        }
        if (events_) return stray("events");
        if (op_ == "unsubscribe") {
            message.body = UnsubscribeMessage{};
            return message;
        }
        if (op_ == "ping") {
            message.body = PingMessage{};
            return message;
        }
        return not_acceptable(kTop.at("op"), op_, "subscribe, credit, unsubscribe or ping");
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

    [[nodiscard]] Error stray(std::string_view name) const {
        return not_acceptable(kTop.at(name), "there", "left out: " + op_ + " has no such member");
    }

    Status subscribe_member(std::string_view name, ondemand::value& value, const Where& here) {
        api::SubscribeRequest& request = subscribe_.request;
        if (name == "namespace") {
            subscribe_only_ = "namespace";
            return text(value, here, subscribe_.name_space);
        }
        if (name == "stream") {
            subscribe_only_ = "stream";
            ANNALS_CHECK(text(value, here, request.stream));
            if (!request.stream.empty()) return ok();
            return not_acceptable(here, "", "a name; left out it is everything");
        }
        if (name == "filter") {
            subscribe_only_ = "filter";
            return filter(value, here);
        }
        if (name == "format") {
            subscribe_only_ = "format";
            return format(value, here);
        }
        if (name == "batch_events_max") {
            subscribe_only_ = "batch_events_max";
            ANNALS_TRY(request.batch_events_max, small_number(value, here));
            return ok();
        }
        if (name == "checkpoint_interval") {
            subscribe_only_ = "checkpoint_interval";
            ANNALS_TRY(request.checkpoint_interval, small_number(value, here));
            return ok();
        }
        return start(name, value, here);
    }

    Status start(std::string_view name, ondemand::value& value, const Where& here) {
        const bool is_start = name == "after" || name == "from" || name == "from_revision" ||
                              name == "from_position" || name == "from_time";
        if (!is_start) return unknown_member(kTop, name, kSubscribeMembers);
        subscribe_only_ = "from";
        if (std::exchange(has_start_, true))
            return not_acceptable(here, "there", "left out beside another start");
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
                    if (member.get_bool().get(filter.include_system) == simdjson::SUCCESS)
                        return ok();
                    return not_acceptable(here, "something else", "true or false");
                }
                return unknown_member(where, name, kFilterMembers);
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
