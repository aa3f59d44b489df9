// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <exception>
#include <stop_token>

#include "stage.hpp"

namespace annals::scenarios {
namespace {

/// Thrown by a handler that dies as it was told.
struct Died {};

/// A subscription that gathers what it is given.
class Watch final : public Thing {
  public:
    explicit Watch(Subscription subscription)
        : subscription_(std::move(subscription)),
          thread_([this](const std::stop_token& stop) { gather(stop); }) {}

    Json take(const Json& arguments) {
        const auto count = static_cast<std::size_t>(number(arguments, "count"));
        until(std::to_string(count) + " events", [&] {
            const std::lock_guard lock(mutex_);
            if (gathered_.size() - taken_ >= count) return true;
            if (error_) std::rethrow_exception(error_);
            return false;
        });
        const std::lock_guard lock(mutex_);
        const auto first = gathered_.begin() + static_cast<std::ptrdiff_t>(taken_);
        taken_ += count;
        return given(arguments, {first, first + static_cast<std::ptrdiff_t>(count)});
    }
    Json wait(const Json&) override {
        until("live events", [&] { return subscription_.is_live(); });
        return Json::object();
    }
    Json stop() override {
        thread_.request_stop();
        thread_.join();
        return Json::object();
    }

  private:
    void gather(const std::stop_token& stop) {
        try {
            while (auto batch = subscription_.next(stop)) {
                const std::lock_guard lock(mutex_);
                for (Event& event : batch->events) gathered_.push_back(std::move(event));
            }
        } catch (...) {
            const std::lock_guard lock(mutex_);
            error_ = std::current_exception();
        }
    }

    Subscription subscription_;
    std::mutex mutex_;
    std::vector<Event> gathered_;
    std::size_t taken_ = 0;
    std::exception_ptr error_;
    std::jthread thread_;
};

class Worker final : public Thing {
  public:
    Worker(Stage& stage, const Json& arguments)
        : client_(stage.client),
          name_(text(arguments, "name")),
          copies_to_(text(arguments, "copies_to")),
          dies_at_(static_cast<std::size_t>(number(arguments, "dies_at"))),
          consumer_(client_.consumer(name_, selected(arguments), options_of(arguments))),
          thread_([this](const std::stop_token& stop) { run(stop); }) {}

    Json handled(const Json& arguments) {
        const auto count = static_cast<std::uint64_t>(number(arguments, "count"));
        until(std::to_string(count) + " handled events", [&] {
            if (is_ended_) {
                if (error_) std::rethrow_exception(error_);
                throw std::runtime_error("the consumer ended");
            }
            return consumer_.progress().saved >= count;
        });
        const std::lock_guard lock(mutex_);
        return given(arguments, handled_);
    }
    Json wait(const Json& arguments) override {
        if (flag(arguments, "live")) {
            until("live events", [&] { return consumer_.progress().is_live; });
            return Json::object();
        }
        until("its end", [&] { return is_ended_.load(); });
        if (error_ && !has_died_) std::rethrow_exception(error_);
        return {{"handled", handled_.size()}};
    }
    Json stop() override {
        thread_.request_stop();
        thread_.join();
        if (error_ && !has_died_) std::rethrow_exception(error_);
        return {{"handled", handled_.size()}, {"at", consumer_.progress().at.value}};
    }

  private:
    static ConsumerOptions options_of(const Json& arguments) {
        ConsumerOptions options;
        if (arguments.contains("batch")) {
            options.subscribe.batch_events_max = static_cast<std::uint32_t>(
                number(arguments, "batch")
            );
        }
        return options;
    }

    void run(const std::stop_token& stop) {
        try {
            consumer_.run([this](const Event& event) { handle(event); }, stop);
        } catch (const Died&) {
            has_died_ = true;
        } catch (...) {
            error_ = std::current_exception();
        }
        is_ended_ = true;
    }

    void handle(const Event& event) {
        if (!copies_to_.empty()) {
            try {
                client_.append(
                    copies_to_,
                    {{.type = std::string(event.type), .data = std::string(event.data)}},
                    {.tracking = event.tracking(name_)}
                );
            } catch (const Failure& failure) {
                if (failure.code() != ErrorCode::kAlreadyTracked) throw;
            }
        }
        const std::lock_guard lock(mutex_);
        handled_.push_back(event);
        if (handled_.size() == dies_at_) throw Died();
    }

    const Client client_;
    const std::string name_;
    const std::string copies_to_;
    const std::size_t dies_at_;
    Consumer consumer_;
    std::mutex mutex_;
    std::vector<Event> handled_;
    std::exception_ptr error_;  // once ended, as the next
    bool has_died_ = false;
    std::atomic<bool> is_ended_{false};
    std::jthread thread_;
};

Json subscribe(Stage& stage, const Json& arguments) {
    SubscribeOptions options;
    if (arguments.contains("batch")) {
        options.batch_events_max = static_cast<std::uint32_t>(number(arguments, "batch"));
    }
    stage.things[text(arguments, "as")] = std::make_unique<Watch>(
        stage.from(arguments).subscribe(selected(arguments), options)
    );
    return Json::object();
}

Json take(Stage& stage, const Json& arguments) {
    return stage.thing<Watch>(text(arguments, "from")).take(arguments);
}

Json consume(Stage& stage, const Json& arguments) {
    stage.things[text(arguments, "as")] = std::make_unique<Worker>(stage, arguments);
    return Json::object();
}

Json handled(Stage& stage, const Json& arguments) {
    return stage.thing<Worker>(text(arguments, "by")).handled(arguments);
}

Json wait(Stage& stage, const Json& arguments) {
    return stage.thing<Thing>(text(arguments, "for")).wait(arguments);
}

Json stop(Stage& stage, const Json& arguments) {
    Json gives = stage.thing<Thing>(text(arguments, "what")).stop();
    stage.things.erase(text(arguments, "what"));
    return gives;
}

Json progress(Stage& stage, const Json& arguments) {
    const ConsumerProgress place = stage.from(arguments).consumer_progress(
        text(arguments, "consumer")
    );
    return {{"at", place.at.value}, {"behind", place.behind.value_or(0)}, {"epoch", place.epoch}};
}

}  // namespace

std::map<std::string, Verb> background_verbs() {
    return {
        {"subscribe", subscribe},
        {"take", take},
        {"consumer", consume},
        {"handled", handled},
        {"wait", wait},
        {"stop", stop},
        {"progress", progress}
    };
}

}  // namespace annals::scenarios
