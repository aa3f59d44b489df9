// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "stage.hpp"

#include <algorithm>
#include <stdexcept>

#include <boost/asio/ip/tcp.hpp>

namespace annals::scenarios {
namespace {

constexpr std::chrono::seconds kWaitMax{60};
constexpr std::chrono::seconds kCallTimeout{20};
/// How often a condition is looked at.
constexpr std::chrono::milliseconds kLookAgain{2};

const std::map<std::string, Verb>& verbs() {
    static const std::map<std::string, Verb> all = [] {
        std::map<std::string, Verb> verbs = event_verbs();
        verbs.merge(background_verbs());
        verbs.merge(group_verbs());
        verbs.merge(object_verbs());
        verbs.merge(account_verbs());
        return verbs;
    }();
    return all;
}

std::string namespace_of(std::string scenario) {
    std::ranges::replace(scenario, '_', '-');
    return scenario;
}

}  // namespace

Client World::connect(const std::string& address) const {
    ClientOptions options;
    options.timeout = kCallTimeout;
    if (is_embedded) return embedded::open("", {.is_memory = true, .client = options});
    return annals::connect(address, options);
}

void World::act(const std::string& action) const {
    const std::string place = control.substr(std::string("http://").size());
    const std::size_t colon = place.find(':');
    boost::asio::ip::tcp::iostream stream(place.substr(0, colon), place.substr(colon + 1));
    stream << "POST /" << action << " HTTP/1.0\r\nContent-Length: 0\r\n\r\n" << std::flush;
    std::string version;
    int status = 0;
    stream >> version >> status;
    if (status != 204) {
        throw std::runtime_error(
            "the control answered " + action + " with " + std::to_string(status)
        );
    }
}

void until(const std::string& what, const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + kWaitMax;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) {
            throw std::runtime_error("waited a minute for " + what);
        }
        std::this_thread::sleep_for(kLookAgain);
    }
}

NewEvent numbered(std::int64_t number) {
    return {.type = "Numbered", .data = R"({"number": )" + std::to_string(number) + "}"};
}

Stage::Stage(World where, const std::string& scenario)
    : world(std::move(where)),
      client(world.connect(world.server).in_namespace(namespace_of(scenario))),
      steady(
          world.is_embedded ? client
                            : world.connect(world.steady).in_namespace(namespace_of(scenario))
      ) {
    steady.create_namespace(namespace_of(scenario));
}

Stage::~Stage() {
    if (healing_.joinable()) healing_.join();
    if (!world.is_embedded) world.act("network/heal");
    things.clear();
}

Client Stage::from(const Json& arguments) const {
    Client chosen = client;
    if (arguments.contains("session")) {
        chosen = sessions.at(text(arguments, "session"));
    } else if (flag(arguments, "steady")) {
        chosen = steady;
    } else if (arguments.contains("namespace")) {
        chosen = client.in_namespace(text(arguments, "namespace"));
    }
    if (!arguments.contains("deadline_ms")) return chosen;
    return chosen.with_timeout(std::chrono::milliseconds(number(arguments, "deadline_ms")));
}

Json Stage::resolve(const Json& value) const {
    if (value.is_string()) {
        const auto word = value.get<std::string>();
        constexpr std::string_view kEnd = ".position";
        if (word.starts_with('$') && word.ends_with(kEnd)) {
            return tokens.at(word.substr(1, word.size() - 1 - kEnd.size()));
        }
        return value;
    }
    Json resolved = value;
    for (Json& inner : resolved) {
        if (resolved.is_structured()) inner = resolve(inner);
    }
    return resolved.is_structured() ? resolved : value;
}

Json Stage::network(const Json& arguments) {
    world.act("network/" + text(arguments, "do"));
    if (arguments.contains("heal_after_ms")) {
        healing_ = std::thread([this, after = number(arguments, "heal_after_ms")] {
            std::this_thread::sleep_for(std::chrono::milliseconds(after));
            world.act("network/heal");
        });
    }
    return Json::object();
}

void Stage::play(const Json& step) {
    const Json wanted = resolve(step.value("gives", Json::object()));
    for (const auto& [name, value] : step.items()) {
        if (name == "gives") continue;
        const Json arguments = resolve(value);
        Json got;
        try {
            if (name == "network") {
                got = network(arguments);
            } else if (name == "server") {
                world.act("server/" + text(arguments, "do"));
            } else {
                const auto verb = verbs().find(name);
                if (verb == verbs().end()) {
                    throw std::runtime_error("the runner does not know this verb");
                }
                got = verb->second(*this, arguments);
            }
            if (wanted.contains("error")) {
                throw std::runtime_error("succeeded with " + got.dump());
            }
        } catch (const Failure& failure) {
            if (!wanted.contains("error")) throw std::runtime_error(name + ": " + failure.what());
            got = {{"error", shown(failure)}};
        } catch (const std::exception& error) {
            throw std::runtime_error(name + ": " + error.what());
        }
        const std::string differs = mismatch(name, wanted, got);
        if (!wanted.empty() && !differs.empty()) throw std::runtime_error(differs);
    }
}

}  // namespace annals::scenarios
