// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <array>
#include <stdexcept>

#include "annals/typed.hpp"

#include "stage.hpp"

namespace annals::scenarios {

struct Deposited {
    int amount = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Deposited, amount)
struct Withdrawn {
    int amount = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Withdrawn, amount)
struct Deposit {
    int amount = 0;
};
struct Withdraw {
    int amount = 0;
};

struct Overdrawn : std::runtime_error {
    Overdrawn() : std::runtime_error("overdrawn") {}
};

struct Account {
    struct State {
        int balance = 0;
    };
    using Command = std::variant<Deposit, Withdraw>;
    using Event = std::variant<Deposited, Withdrawn>;
    static constexpr std::array kNames = {"Deposited", "Withdrawn"};

    static std::vector<Event> decide(const Command& command, const State& state) {
        if (const auto* deposit = std::get_if<Deposit>(&command)) {
            if (deposit->amount == 0) return {};
            return {Deposited{deposit->amount}};
        }
        const int amount = std::get<Withdraw>(command).amount;
        if (amount > state.balance) throw Overdrawn();
        return {Withdrawn{amount}};
    }
    static State evolve(State state, const Event& event) {
        if (const auto* deposited = std::get_if<Deposited>(&event)) {
            state.balance += deposited->amount;
        } else {
            state.balance -= std::get<Withdrawn>(event).amount;
        }
        return state;
    }
};

namespace {

/// Whether the kit reports what it must report.
template <typename Play>
bool fails(const Play& play) {
    try {
        play();
    } catch (const ScenarioFailed&) {
        return true;
    }
    return false;
}

/// Shows the account with the given-when-then kit, and that the kit can fail.
void prove() {
    const auto from_10 = [] { return Scenario<Account>().given({Deposited{10}}); };
    from_10().when(Withdraw{4}).then({Withdrawn{4}}).then_state([](const Account::State& state) {
        return state.balance == 6;
    });
    from_10().when(Withdraw{11}).then_refused<Overdrawn>();
    if (!fails([&] { from_10().when(Withdraw{4}).then({Withdrawn{5}}); }) ||
        !fails([&] { from_10().when(Withdraw{4}).then_refused<Overdrawn>(); })) {
        throw std::runtime_error("the kit finds no failure");
    }
}

Json decide_at_once(const Client& client, const Json& arguments, const Account::Command& command) {
    std::atomic<int> decided{0};
    std::atomic<int> refusals{0};
    std::exception_ptr error;
    std::mutex mutex;
    {
        std::vector<std::jthread> workers;
        workers.reserve(static_cast<std::size_t>(number(arguments, "workers")));
        for (std::int64_t i = 0; i < number(arguments, "workers"); ++i) {
            workers.emplace_back([&] {
                for (std::int64_t time = 0; time < number(arguments, "times"); ++time) {
                    try {
                        handle<Account>(
                            client, text(arguments, "stream"), command, {.attempts_max = 100}
                        );
                        ++decided;
                    } catch (const Overdrawn&) {
                        ++refusals;
                    } catch (...) {
                        const std::lock_guard lock(mutex);
                        error = std::current_exception();
                        return;
                    }
                }
            });
        }
    }
    if (error) std::rethrow_exception(error);
    return {{"decided", decided.load()}, {"refusals", refusals.load()}};
}

Json decide(Stage& stage, const Json& arguments) {
    prove();
    const Account::Command command =
        arguments.contains("withdraw")
            ? Account::Command(Withdraw{static_cast<int>(number(arguments, "withdraw"))})
            : Account::Command(Deposit{static_cast<int>(number(arguments, "deposit"))});
    const Client client = stage.from(arguments);
    if (arguments.contains("workers")) return decide_at_once(client, arguments, command);
    try {
        const Decision<Account> decision = handle<Account>(
            client, text(arguments, "stream"), command
        );
        Json events = Json::array();
        for (const Account::Event& event : decision.events) {
            const NewEvent encoded = encode<Account>(event);
            events.push_back({{"type", encoded.type}, {"data", Json::parse(encoded.data)}});
        }
        Json gives = {{"events", events}, {"state", {{"balance", decision.state.balance}}}};
        if (decision.revision) gives["revision"] = decision.revision->value;
        return gives;
    } catch (const Overdrawn& refusal) {
        return {{"refused", refusal.what()}};
    }
}

}  // namespace

std::map<std::string, Verb> account_verbs() { return {{"decide", decide}}; }

}  // namespace annals::scenarios
