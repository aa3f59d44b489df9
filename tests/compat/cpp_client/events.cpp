// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <atomic>

#include "stage.hpp"

namespace annals::scenarios {
namespace {

constexpr std::int64_t kNumbersMax = 1'000;  // events of an append that counts

std::vector<NewEvent> new_events(const Json& arguments) {
    std::vector<NewEvent> events;
    for (const Json& fields : arguments.at("events")) {
        NewEvent event{.type = text(fields, "type")};
        event.data = fields.value("data", Json()).dump();
        event.tags = texts(fields, "tags");
        event.stream = text(fields, "stream");
        if (fields.contains("id")) event.id = Uuid::parse(text(fields, "id")).value();
        events.push_back(std::move(event));
    }
    return events;
}

AppendOptions conditions(const Json& arguments) {
    AppendOptions options;
    if (arguments.contains("expected")) options.expected = expected_of(arguments.at("expected"));
    for (const Json& check : arguments.value("checks", Json::array())) {
        if (!check.contains("query")) {
            options.checks.emplace_back(
                StreamCheck{text(check, "stream"), expected_of(check.at("expected"))}
            );
            continue;
        }
        QueryCheck query{.query = {}, .after = text(check, "after")};
        for (const Json& item : check.at("query")) {
            query.query.push_back({texts(item, "types"), texts(item, "tags")});
        }
        options.checks.emplace_back(std::move(query));
    }
    if (arguments.contains("tracking")) {
        const Json& tracking = arguments.at("tracking");
        options.tracking = Tracking{
            text(tracking, "source"),
            text(tracking, "consumer"),
            text(tracking, "key"),
            Position(static_cast<std::uint64_t>(number(tracking, "position")))
        };
    }
    options.idempotency_key = text(arguments, "idempotency_key");
    return options;
}

Json shown_appended(const Appended& appended) {
    Json streams = Json::object();
    for (const StreamRevisions& stream : appended.streams) {
        streams[stream.stream] = {stream.first.value, stream.last.value};
    }
    return {
        {"first_position", appended.first_position.value},
        {"last_position", appended.last_position.value},
        {"is_replay", appended.is_replay},
        {"streams", streams}
    };
}

Appended append_numbers(Stage& stage, const Json& arguments) {
    std::optional<Appended> whole;
    const std::int64_t count = number(arguments, "count");
    for (std::int64_t begin = 0; begin < count; begin += kNumbersMax) {
        std::vector<NewEvent> events;
        for (std::int64_t i = begin; i < std::min(count, begin + kNumbersMax); ++i) {
            events.push_back(numbered(number(arguments, "from") + i));
        }
        Appended appended = stage.from(arguments).append(
            text(arguments, "stream"), std::move(events), conditions(arguments)
        );
        if (!whole) whole = appended;
        whole->last_position = appended.last_position;
        whole->position = appended.position;
        whole->streams[0].last = appended.streams[0].last;
    }
    return whole.value();
}

Json append(Stage& stage, const Json& arguments) {
    const Appended appended = arguments.contains("count") ? append_numbers(stage, arguments)
                                                          : stage.from(arguments).append(
                                                                text(arguments, "stream"),
                                                                new_events(arguments),
                                                                conditions(arguments)
                                                            );
    stage.tokens[text(arguments, "as")] = appended.position;
    return shown_appended(appended);
}

Json read(Stage& stage, const Json& arguments) {
    ReadOptions options;
    options.backwards = flag(arguments, "backwards");
    options.limit = static_cast<std::uint64_t>(number(arguments, "limit"));
    std::vector<Event> events;
    for (const Event& event : stage.from(arguments).read(selected(arguments), options)) {
        events.push_back(event);
        if (number(arguments, "at") == static_cast<std::int64_t>(events.size())) {
            stage.world.act("network/" + text(arguments, "network"));
        }
    }
    return given(arguments, events);
}

/// Appends in the background.
class Writer final : public Thing {
  public:
    Writer(Stage& stage, const Json& arguments)
        : thread_([this,
                   client = stage.from(arguments),
                   stream = text(arguments, "stream"),
                   count = number(arguments, "count")] { write(client, stream, count); }) {}
    ~Writer() override {
        if (thread_.joinable()) thread_.join();
    }

    Json wait(const Json& arguments) override {
        const std::int64_t wanted = number(arguments, "appended");
        until("appends", [&] { return is_ended_ || (wanted > 0 && appended_ >= wanted); });
        if (is_ended_ && error_) std::rethrow_exception(error_);
        return {{"appended", appended_.load()}};
    }
    Json stop() override {
        thread_.join();
        return Json::object();
    }

  private:
    void write(const Client& client, const std::string& stream, std::int64_t count) {
        try {
            for (std::int64_t i = 0; i < count; ++i) {
                const Expected expected = i == 0 ? kNoStream
                                                 : at(Revision(static_cast<std::uint64_t>(i - 1)));
                client.append(stream, {numbered(i)}, {.expected = expected});
                ++appended_;
            }
        } catch (...) {
            error_ = std::current_exception();
        }
        is_ended_ = true;
    }

    std::atomic<std::int64_t> appended_{0};
    std::exception_ptr error_;  // once ended
    std::atomic<bool> is_ended_{false};
    std::thread thread_;
};

Json appends(Stage& stage, const Json& arguments) {
    stage.things[text(arguments, "as")] = std::make_unique<Writer>(stage, arguments);
    return Json::object();
}

}  // namespace

std::map<std::string, Verb> event_verbs() {
    return {{"append", append}, {"read", read}, {"appends", appends}};
}

}  // namespace annals::scenarios
