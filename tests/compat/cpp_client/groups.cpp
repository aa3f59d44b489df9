// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <algorithm>
#include <condition_variable>

#include "stage.hpp"

namespace annals::scenarios {
namespace {

/// A member and its newest delivery of each event.
class Membership final : public Thing {
  public:
    explicit Membership(Member joined) : member(std::move(joined)) {}
    Json wait(const Json&) override { throw std::runtime_error("a member is not waited for"); }
    Json stop() override {
        member.stop();
        return Json::object();
    }

    Member member;
    std::map<std::uint64_t, Delivery> deliveries;
};

GroupSettings settings_of(const Json& fields) {
    GroupSettings settings;
    for (const auto& [name, value] : fields.items()) {
        if (name == "retry_base_ms") {
            settings.retry_base_ms = value;
        } else if (name == "checkpoint_interval_ms") {
            settings.checkpoint_interval_ms = value;
        } else if (name == "attempts_max") {
            settings.attempts_max = value;
        } else {
            throw std::runtime_error("the runner does not know the setting " + name);
        }
    }
    return settings;
}

Json status_of(const GroupStatus& status) {
    return {
        {"parked_keys", status.parked_keys},
        {"handled", status.handled},
        {"checkpoint", status.checkpoint.value},
        {"behind", status.behind},
        {"in_flight", status.in_flight},
        {"members", status.members}
    };
}

Json group(Stage& stage, const Json& arguments) {
    const Group group = stage.from(arguments).group(text(arguments, "name"));
    const std::string what = text(arguments, "do");
    if (what == "create") {
        group.create(settings_of(arguments.value("settings", Json::object())));
        return Json::object();
    }
    if (what == "get") {
        const Json wanted = arguments.value("until", Json::object());
        until("the status " + wanted.dump(), [&] {
            return mismatch("status", wanted, status_of(group.status())).empty();
        });
        return Json::object();
    }
    if (what == "parked") {
        Json list = Json::array();
        for (const ParkedEvent& parked : group.parked()) {
            list.push_back(
                {{"key", parked.key},
                 {"position", parked.position.value},
                 {"error", parked.error},
                 {"attempts", parked.attempts}}
            );
        }
        return {{"parked", list}};
    }
    if (what == "retry_parked") return {{"changed", group.retry_all_parked()}};
    throw std::runtime_error("the runner does not know \"" + what + "\"");
}

Json member(Stage& stage, const Json& arguments) {
    const auto in_flight = std::max<std::int64_t>(1, number(arguments, "in_flight"));
    stage.things[text(arguments, "as")] = std::make_unique<Membership>(
        stage.client.group(text(arguments, "group"))
            .join("runner", static_cast<std::uint32_t>(in_flight))
    );
    return Json::object();
}

Json deliver(Stage& stage, const Json& arguments) {
    auto& membership = stage.thing<Membership>(text(arguments, "to"));
    // the runner's own end of every wait
    std::stop_source late;
    std::jthread watchdog([&late](const std::stop_token& done) {
        std::mutex mutex;
        std::condition_variable_any rung;
        std::unique_lock lock(mutex);
        if (!rung.wait_for(lock, done, std::chrono::seconds(60), [&] {
                return done.stop_requested();
            })) {
            late.request_stop();
        }
    });
    std::vector<Delivery> got;
    for (std::int64_t i = 0; i < number(arguments, "count"); ++i) {
        auto delivery = membership.member.next(late.get_token());
        if (!delivery) throw std::runtime_error("waited a minute for a delivery");
        membership.deliveries.insert_or_assign(delivery->event.position.value, *delivery);
        got.push_back(std::move(*delivery));
    }
    if (text(arguments, "in_order_of") == "stream") {
        std::ranges::sort(got, {}, [](const Delivery& delivery) { return delivery.event.stream; });
    }
    Json list = Json::array();
    for (const Delivery& delivery : got) {
        list.push_back(
            {{"stream", delivery.event.stream},
             {"position", delivery.event.position.value},
             {"attempt", delivery.attempt}}
        );
    }
    return {{"deliveries", list}};
}

Json settle(Stage& stage, const Json& arguments) {
    const Delivery& delivery = stage.thing<Membership>(text(arguments, "by"))
                                   .deliveries.at(
                                       static_cast<std::uint64_t>(number(arguments, "event"))
                                   );
    const std::string how = text(arguments, "how");
    if (how == "ack") {
        delivery.ack();
    } else if (how == "retry") {
        delivery.retry(text(arguments, "reason"));
    } else if (how == "park") {
        delivery.park(text(arguments, "reason"));
    } else if (how == "skip") {
        delivery.skip();
    } else {
        throw std::runtime_error("the runner does not know \"" + how + "\"");
    }
    return Json::object();
}

}  // namespace

std::map<std::string, Verb> group_verbs() {
    return {{"group", group}, {"member", member}, {"deliver", deliver}, {"settle", settle}};
}

}  // namespace annals::scenarios
