// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "annals/annals.hpp"

#include "values.hpp"

namespace annals::scenarios {

/// Where the server is and who controls it.
struct World {
    std::string server;
    std::string steady;
    std::string control;
    bool is_embedded = false;  ///< no server: a store in this process

    [[nodiscard]] Client connect(const std::string& address) const;
    /// POST; throws unless it was done.
    void act(const std::string& action) const;
};

/// What runs in the background; ends when destroyed.
class Thing {
  public:
    Thing() = default;
    Thing(const Thing&) = delete;
    Thing& operator=(const Thing&) = delete;
    virtual ~Thing() = default;
    /// Answers the step `wait`.
    virtual Json wait(const Json& arguments) = 0;
    /// Answers the step `stop`.
    virtual Json stop() = 0;
};

/// One scenario being played.
class Stage {
  public:
    Stage(World where, const std::string& scenario);
    ~Stage();
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;

    /// Throws what went otherwise than it must.
    void play(const Json& step);

    /// The client that a step uses, with its deadline.
    [[nodiscard]] Client from(const Json& arguments) const;
    template <typename T>
    [[nodiscard]] T& thing(const std::string& name) {
        auto* const found = dynamic_cast<T*>(things[name].get());
        if (found == nullptr) throw std::runtime_error("there is no \"" + name + "\" of this kind");
        return *found;
    }

    const World world;
    Client client;  ///< of the scenario's namespace
    Client steady;
    std::map<std::string, std::string> tokens;
    std::map<std::string, Client> sessions;
    std::map<std::string, std::unique_ptr<Thing>> things;

  private:
    [[nodiscard]] Json resolve(const Json& value) const;
    Json network(const Json& arguments);

    std::thread healing_;
};

using Verb = std::function<Json(Stage&, const Json&)>;
/// Those of each file, by name.
std::map<std::string, Verb> event_verbs();
std::map<std::string, Verb> background_verbs();
std::map<std::string, Verb> group_verbs();
std::map<std::string, Verb> object_verbs();
std::map<std::string, Verb> account_verbs();

/// Waits for a condition, at most as long as the list says.
void until(const std::string& what, const std::function<bool()>& condition);

NewEvent numbered(std::int64_t number);

}  // namespace annals::scenarios
