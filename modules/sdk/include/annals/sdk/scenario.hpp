// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "annals/sdk/decide.hpp"

namespace annals {

/// What a Scenario throws when the decider does something else; any test framework reports it.
class ScenarioFailed : public std::logic_error {
  public:
    using std::logic_error::logic_error;
};

/// A test of a decider, without a store. Compares events and states by their JSON.
///
///     Scenario<Account>().given({Deposited{10}}).when(Withdraw{4}).then({Withdrawn{4}});
///     Scenario<Account>().given({Deposited{10}}).when(Withdraw{11}).then_refused<Overdrawn>();
template <Decider D>
class Scenario {
  public:
    using Events = std::vector<typename D::Event>;

    Scenario& given(const Events& events) {
        for (const auto& event : events) state_ = D::evolve(std::move(state_), event);
        return *this;
    }
    Scenario& when(typename D::Command command) {
        decide_ = [command = std::move(command)](const typename D::State& state) {
            return D::decide(command, state);
        };
        return *this;
    }
    /// These events and no others.
    Scenario& then(const Events& wanted) {
        const Events decided = decide_now();
        const std::string got = shown(decided);
        if (got != shown(wanted)) {
            throw ScenarioFailed("decided " + got + ", want " + shown(wanted));
        }
        for (const auto& event : decided) state_ = D::evolve(std::move(state_), event);
        return *this;
    }
    /// Of the state after then().
    template <typename Holds>
    Scenario& then_state(const Holds& holds) {
        if (!holds(std::as_const(state_))) throw ScenarioFailed("the state is another one");
        return *this;
    }
    /// It throws this.
    template <typename Refusal>
    Scenario& then_refused() {
        Events decided;
        try {
            decided = decide_now();
        } catch (const Refusal&) {
            return *this;
        }
        throw ScenarioFailed("decided " + shown(decided) + ", want a refusal");
    }

  private:
    Events decide_now() const {
        if (!decide_) throw ScenarioFailed("when() comes before then()");
        return decide_(state_);
    }
    static std::string shown(const Events& events) {
        std::string text = "[";
        for (const auto& event : events) {
            const NewEvent encoded = encode<D>(event);
            if (text.size() > 1) text += ", ";
            text += encoded.type + " " + encoded.data;
        }
        return text + "]";
    }

    typename D::State state_{};
    std::function<Events(const typename D::State&)> decide_;
};

}  // namespace annals
