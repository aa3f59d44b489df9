// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "annals/sdk/client.hpp"

namespace annals {

/// A state machine over events, as three types and two pure functions:
///
///     struct Account {
///         using State = …;  // State{} is before the first event
///         using Command = …;
///         using Event = std::variant<Deposited, Withdrawn>;
///         static constexpr std::array kNames = {"deposited", "withdrawn"};  // types of events
///         static std::vector<Event> decide(const Command&, const State&);  // throws to refuse
///         static State evolve(State, const Event&);
///     };
///
/// The structs of Event are those that nlohmann/json reads and writes.
template <typename D>
concept Decider = requires(
    const typename D::Command& command,
    const typename D::State& state,
    const typename D::Event& event
) {
    { D::decide(command, state) } -> std::convertible_to<std::vector<typename D::Event>>;
    { D::evolve(state, event) } -> std::convertible_to<typename D::State>;
    requires std::tuple_size_v<decltype(D::kNames)> == std::variant_size_v<typename D::Event>;
};

/// The state after events, from the initial one.
template <Decider D>
typename D::State fold(const std::vector<typename D::Event>& events) {
    typename D::State state{};
    for (const auto& event : events) state = D::evolve(std::move(state), event);
    return state;
}

/// An event of a decider, to be written.
template <Decider D>
NewEvent encode(const typename D::Event& event) {
    return std::visit(
        [&](const auto& value) {
            return NewEvent{
                .type = std::string(D::kNames[event.index()]), .data = nlohmann::json(value).dump()
            };
        },
        event
    );
}

/// A stored event as one of the decider; nothing: a type that it does not name.
template <Decider D>
std::optional<typename D::Event> decode(const Event& stored) {
    std::optional<typename D::Event> event;
    const auto take = [&]<std::size_t index>() {
        if (event || stored.type != D::kNames[index]) return;
        using Value = std::variant_alternative_t<index, typename D::Event>;
        event.emplace(
            std::in_place_index<index>, nlohmann::json::parse(stored.data).template get<Value>()
        );
    };
    [&]<std::size_t... indices>(std::index_sequence<indices...>) {
        (take.template operator()<indices>(), ...);
    }(std::make_index_sequence<std::variant_size_v<typename D::Event>>());
    return event;
}

/// A stream, folded.
template <Decider D>
struct Loaded {
    typename D::State state{};
    std::optional<Revision> revision = {};  ///< the stream's last; nothing: it has no events
};

/// Folds a stream; one that is not there has the initial state. Events that retention or truncation
/// hides are not folded.
template <Decider D>
Loaded<D> load(const Client& client, const std::string& stream) {
    Loaded<D> loaded;
    try {
        for (const Event& stored : client.read_stream(stream)) {
            loaded.revision = stored.revision;
            if (auto event = decode<D>(stored)) {
                loaded.state = D::evolve(std::move(loaded.state), *event);
            }
        }
        if (loaded.revision) return loaded;
        // all of its events are hidden: revisions go on behind them
        const Page page = client.read_page({.stream = stream}, {.backwards = true, .limit = 1});
        if (!page.events.empty()) return load<D>(client, stream);  // somebody was first, in between
        loaded.revision = page.last_revision;
    } catch (const Failure& failure) {
        if (failure.code() != ErrorCode::kStreamNotFound) throw;
    }
    return loaded;
}

/// What handling a command did.
template <Decider D>
struct Decision {
    typename D::State state{};                   ///< with the new events
    std::vector<typename D::Event> events = {};  ///< new ones; none is a decision, too
    std::optional<Revision> revision = {};       ///< the stream's last; nothing: it has no events
    int tries = 0;                               ///< more than one where somebody else was first
};

struct DecideOptions {
    int attempts_max = 20;  ///< tries, at least 1, when others are first; then conflict
    /// What comes with the events: metadata, actor, tags.
    std::function<void(NewEvent&)> complete = {};
};

/// Loads the stream, folds it, decides, and appends what was decided under the expectation that
/// nobody else was first; begins again when somebody was. What decide() throws, it throws, and
/// nothing is appended. The events belong to the current trace, as those of any append. Costs a
/// read of the stream for each try.
template <Decider D>
Decision<D> handle(
    const Client& client,
    const std::string& stream,
    const typename D::Command& command,
    const DecideOptions& options = {}
) {
    Decision<D> decision;
    int tries = 0;
    client.retry_on_conflict(
        [&] {
            Loaded<D> loaded = load<D>(client, stream);
            decision = {std::move(loaded.state), {}, loaded.revision, ++tries};
            decision.events = D::decide(command, std::as_const(decision.state));
            if (decision.events.empty()) return;
            std::vector<NewEvent> events;
            for (const auto& event : decision.events) {
                events.push_back(encode<D>(event));
                if (options.complete) options.complete(events.back());
                decision.state = D::evolve(std::move(decision.state), event);
            }
            decision.revision = client
                                    .append(
                                        stream,
                                        std::move(events),
                                        {.expected = decision.revision ? at(*decision.revision)
                                                                       : kNoStream}
                                    )
                                    .last_revision();
        },
        options.attempts_max
    );
    return decision;
}

}  // namespace annals
