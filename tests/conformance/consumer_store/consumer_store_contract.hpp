// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// The contract of api::ConsumerStore: what every body does. A body is a factory and one line:
//
//     ANNALS_CONSUMER_STORE_CONTRACT(Direct, ConsumerStoreBody{"memory", …});
//
// Codes and fields are checked, never sentences.

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annals/api/consumer_store.hpp"
#include "annals/api/event_store.hpp"
#include "annals/model/token.hpp"

namespace annals::conformance {

/// Fresh stores of one server: events and consumers.
class ConsumerStoreHost {
  public:
    ConsumerStoreHost() = default;
    ConsumerStoreHost(const ConsumerStoreHost&) = delete;
    ConsumerStoreHost& operator=(const ConsumerStoreHost&) = delete;
    virtual ~ConsumerStoreHost() = default;

    virtual api::EventStore& events() = 0;
    virtual api::ConsumerStore& consumers() = 0;
};

struct ConsumerStoreBody {
    std::string name;
    std::function<std::unique_ptr<ConsumerStoreHost>()> make_host;
};

inline std::ostream& operator<<(std::ostream& out, const ConsumerStoreBody& body) {
    return out << body.name;
}

class ConsumerStoreContract : public ::testing::TestWithParam<ConsumerStoreBody> {
  protected:
    using Progress = api::ConsumerProgress;

    ConsumerStoreContract() : host_(GetParam().make_host()) {}

    api::ConsumerStore& store() { return host_->consumers(); }
    api::EventStore& events() { return host_->events(); }

    static api::CallContext in(std::string_view name_space) {
        api::CallContext context;
        context.name_space = name_space;
        return context;
    }

    /// Appends an event; the token of its position, which is 1, 2, 3, … in a fresh namespace.
    std::string append(std::string_view name_space = "default") {
        model::NewEvent event;
        event.stream = "a-1";
        event.type = "happened";
        event.data = "{}";
        model::AppendRequest request;
        request.events.push_back(event);
        return must(events().append_and_wait(in(name_space), request)).position;
    }
    std::vector<std::string> append_many(int count) {
        std::vector<std::string> tokens;
        tokens.reserve(static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i) tokens.push_back(append());
        return tokens;
    }

    Result<Progress> save(
        const std::string& consumer, const std::string& position, std::uint64_t epoch = 0
    ) {
        return store().save_and_wait({}, {consumer, position, epoch});
    }
    Result<Progress> claim(const std::string& consumer, const std::string& owner) {
        return store().claim({}, {consumer, owner});
    }
    Result<Progress> rewind(const std::string& consumer, std::variant<std::string, Position> to) {
        return store().rewind({}, {consumer, std::move(to), "a bug was mended", "ann"});
    }
    Result<Progress> get(const std::string& consumer) { return store().get({}, consumer); }
    /// "name@position" of all, page by page.
    std::vector<std::string> listed(const std::string& prefix = "", std::uint32_t limit = 100) {
        std::vector<std::string> all;
        api::ListConsumersRequest request{prefix, "", limit};
        while (true) {
            const api::ConsumerList page = must(store().list({}, request));
            EXPECT_LE(page.consumers.size(), limit);
            for (const Progress& one : page.consumers) {
                all.push_back(one.consumer + "@" + std::to_string(one.at.value));
            }
            if (page.next.empty() || HasFailure()) return all;
            request.after = page.next;
        }
    }

    template <typename T>
    static T must(Result<T> result) {
        EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().to_string());
        return result ? std::move(*result) : T();
    }
    template <typename T>
    static void expect_error(
        const Result<T>& result,
        ErrorCode code,
        std::string_view field = "",
        std::string_view value = ""
    ) {
        ASSERT_FALSE(result.has_value()) << "expected " << error_info(code).name;
        EXPECT_EQ(result.error().code(), code) << result.error().to_string();
        EXPECT_FALSE(result.error().message().empty());
        if (!field.empty()) {
            EXPECT_EQ(result.error().field(field), value) << result.error().to_string();
        }
    }
    static void expect_done(const Status& status) {
        EXPECT_TRUE(status.has_value()) << (status ? "" : status.error().to_string());
    }

  private:
    std::unique_ptr<ConsumerStoreHost> host_;
};

TEST_P(ConsumerStoreContract, ASavedPositionIsGiven) {
    const auto tokens = append_many(3);
    expect_error(get("billing"), ErrorCode::kConsumerNotFound, "consumer", "billing");
    const Progress saved = must(save("billing", tokens[1]));
    EXPECT_EQ(saved.consumer, "billing");
    EXPECT_EQ(saved.position, tokens[1]);
    EXPECT_EQ(saved.at, Position(2));
    EXPECT_EQ(saved.epoch, 0u);
    EXPECT_EQ(saved.owner, "");
    EXPECT_EQ(saved.behind, 1u);
    EXPECT_EQ(saved.problem, "");
    EXPECT_GT(saved.changed_time.value, 0);
    EXPECT_EQ(saved.last_seen_time, saved.changed_time);
    EXPECT_TRUE(saved.is_durable);
    EXPECT_EQ(must(get("billing")), saved);
    append();
    EXPECT_EQ(must(get("billing")).behind, 2u);
    EXPECT_EQ(must(save("billing", tokens[2])).at, Position(3));
    EXPECT_EQ(must(get("billing")).at, Position(3));
}

TEST_P(ConsumerStoreContract, SavingTheSameAgainIsNoChange) {
    const auto tokens = append_many(1);
    const Progress first = must(save("billing", tokens[0]));
    EXPECT_EQ(must(save("billing", tokens[0])), first) << "the time tells: no event was made";
}

TEST_P(ConsumerStoreContract, SavingNeverGoesBack) {
    const auto tokens = append_many(3);
    must(save("billing", tokens[2]));
    const auto refused = save("billing", tokens[0]);
    expect_error(refused, ErrorCode::kConsumerAhead, "position", "1");
    expect_error(refused, ErrorCode::kConsumerAhead, "current_position", "3");
    EXPECT_EQ(must(get("billing")).at, Position(3));
}

TEST_P(ConsumerStoreContract, AClaimFencesTheOneBefore) {
    const auto tokens = append_many(4);
    must(save("billing", tokens[0]));
    const Progress first = must(claim("billing", "host-1"));
    EXPECT_EQ(first.epoch, 1u);
    EXPECT_EQ(first.owner, "host-1");
    EXPECT_EQ(first.position, tokens[0]) << "where to go on";
    expect_error(save("billing", tokens[1]), ErrorCode::kConsumerFenced, "owner", "host-1");
    EXPECT_EQ(must(save("billing", tokens[1], 1)).at, Position(2));
    const Progress second = must(claim("billing", "host-2"));
    EXPECT_EQ(second.epoch, 2u);
    EXPECT_EQ(second.at, Position(2));
    const auto fenced = save("billing", tokens[3], 1);
    expect_error(fenced, ErrorCode::kConsumerFenced, "owner", "host-2");
    expect_error(fenced, ErrorCode::kConsumerFenced, "epoch", "1");
    expect_error(fenced, ErrorCode::kConsumerFenced, "current_epoch", "2");
    const Progress saved = must(save("billing", tokens[2], 2));
    EXPECT_EQ(saved.owner, "host-2");
    expect_error(save("billing", tokens[3], 3), ErrorCode::kInvalidArgument, "field", "epoch");
}

TEST_P(ConsumerStoreContract, AClaimCreatesAConsumerWithoutAPosition) {
    append();
    const Progress claimed = must(claim("fresh", "host-1"));
    EXPECT_EQ(claimed.position, "");
    EXPECT_EQ(claimed.behind, 1u);
    EXPECT_EQ(must(get("fresh")), claimed);
    EXPECT_EQ(must(save("fresh", append(), 1)).at, Position(2));
}

TEST_P(ConsumerStoreContract, ARewindGoesBackAndFencesTheRunningInstance) {
    const auto tokens = append_many(4);
    must(save("billing", tokens[3]));
    const Progress seen = must(get("billing"));
    const Progress rewound = must(rewind("billing", tokens[0]));
    EXPECT_EQ(rewound.position, tokens[0]);
    EXPECT_EQ(rewound.epoch, 1u);
    EXPECT_EQ(rewound.last_seen_time, seen.changed_time);
    EXPECT_EQ(must(get("billing")), rewound);
    expect_error(save("billing", tokens[3]), ErrorCode::kConsumerFenced, "owner", "");
    EXPECT_EQ(must(save("billing", tokens[1], rewound.epoch)).at, Position(2));
    // Of one that was claimed, by number, to the start.
    EXPECT_EQ(must(claim("billing", "host-1")).epoch, 2u);
    const Progress at_start = must(rewind("billing", Position(0)));
    EXPECT_EQ(at_start.at, Position(0));
    EXPECT_EQ(at_start.owner, "");
    EXPECT_EQ(at_start.behind, 4u);
    expect_error(save("billing", tokens[3], 2), ErrorCode::kConsumerFenced);
    // Forwards, too.
    EXPECT_EQ(must(rewind("billing", Position(4))).position, tokens[3]);
}

TEST_P(ConsumerStoreContract, ARewindNeedsAReasonAPlaceAndAConsumer) {
    const auto tokens = append_many(1);
    expect_error(rewind("nobody", tokens[0]), ErrorCode::kConsumerNotFound, "consumer", "nobody");
    must(save("billing", tokens[0]));
    expect_error(
        store().rewind({}, {"billing", tokens[0], "", ""}),
        ErrorCode::kInvalidArgument,
        "field",
        "reason"
    );
    expect_error(rewind("billing", Position(2)), ErrorCode::kTokenBeyondEnd, "field", "to");
    expect_error(rewind("billing", "no token"), ErrorCode::kInvalidArgument, "field", "to");
    EXPECT_EQ(must(get("billing")).epoch, 0u);
}

TEST_P(ConsumerStoreContract, TokensOfOtherLogsAreRefused) {
    const auto tokens = append_many(2);
    must(save("billing", tokens[0]));
    model::PositionToken token = must(model::parse_token(tokens[1]));
    token.log_id_bits ^= 1;
    const std::string of_other = model::format_token(token);
    expect_error(save("billing", of_other), ErrorCode::kTokenUnknown, "field", "position");
    expect_error(rewind("billing", of_other), ErrorCode::kTokenUnknown, "field", "to");
    token = must(model::parse_token(tokens[1]));
    token.chain_bits ^= 1;
    expect_error(save("billing", model::format_token(token)), ErrorCode::kTokenUnknown);
    token = must(model::parse_token(tokens[1]));
    token.position = Position(9);
    expect_error(
        save("billing", model::format_token(token)), ErrorCode::kTokenBeyondEnd, "field", "position"
    );
    for (const std::string hostile : {"", "x", "\xFF\xFE", "AAAA", "ünï"}) {
        expect_error(save("billing", hostile), ErrorCode::kInvalidArgument, "field", "position");
    }
    EXPECT_EQ(must(get("billing")).at, Position(1));
}

TEST_P(ConsumerStoreContract, NamesAndTextsAreChecked) {
    const std::string token = append();
    const std::string too_long(api::kConsumerNameBytesMax + 1, 'x');
    for (const std::string& bad :
         {std::string(), std::string("a\nb"), std::string("\xFF"), std::string("a\0b", 3)}) {
        expect_error(save(bad, token), ErrorCode::kInvalidArgument, "field", "consumer");
        expect_error(get(bad), ErrorCode::kInvalidArgument, "field", "consumer");
        expect_error(claim(bad, "o"), ErrorCode::kInvalidArgument, "field", "consumer");
    }
    expect_error(save(too_long, token), ErrorCode::kLimitExceeded, "field", "consumer");
    expect_error(claim("billing", ""), ErrorCode::kInvalidArgument, "field", "owner");
    expect_error(
        claim("billing", std::string(api::kConsumerTextBytesMax + 1, 'o')),
        ErrorCode::kLimitExceeded,
        "field",
        "owner"
    );
    // What looks odd and is a name.
    for (const std::string name : {"-", "$x", "a-b/c d", "ünï", "%", "$consumer-", "\"{}\\"}) {
        EXPECT_EQ(must(save(name, token)).consumer, name);
        EXPECT_EQ(must(get(name)).consumer, name);
    }
    const std::string longest(api::kConsumerNameBytesMax, 'x');
    EXPECT_EQ(must(save(longest, token)).consumer, longest);
    EXPECT_EQ(must(claim("billing", "\"quoted\"\n\\")).owner, "\"quoted\"\n\\");
    EXPECT_EQ(must(get("billing")).owner, "\"quoted\"\n\\");
}

TEST_P(ConsumerStoreContract, AreListedByNameInPages) {
    EXPECT_EQ(listed(), std::vector<std::string>());
    const auto tokens = append_many(3);
    must(save("b", tokens[1]));
    must(save("a-2", tokens[2]));
    must(save("a-1", tokens[0]));
    must(claim("c", "host-1"));
    must(save("gone", tokens[0]));
    expect_done(store().remove({}, {"gone"}));
    const std::vector<std::string> all = {"a-1@1", "a-2@3", "b@2", "c@0"};
    EXPECT_EQ(listed(), all);
    EXPECT_EQ(listed("", 1), all);
    EXPECT_EQ(listed("", 2), all);
    EXPECT_EQ(listed("a-"), std::vector<std::string>({"a-1@1", "a-2@3"}));
    EXPECT_EQ(listed("nobody"), std::vector<std::string>());
    const api::ConsumerList list = must(store().list({}, {}));
    ASSERT_EQ(list.consumers.size(), 4u);
    EXPECT_EQ(list.consumers[0], must(get("a-1")));
    EXPECT_EQ(list.consumers[0].behind, 2u);
    EXPECT_EQ(list.consumers[3].owner, "host-1");
    expect_error(store().list({}, {"", "", 5'000}), ErrorCode::kLimitExceeded, "field", "limit");
}

TEST_P(ConsumerStoreContract, ADeletedConsumerIsGoneAndItsEpochsAreOver) {
    const auto tokens = append_many(3);
    must(save("plain", tokens[1]));
    expect_done(store().remove({}, {"plain"}));
    expect_error(get("plain"), ErrorCode::kConsumerNotFound);
    expect_error(store().remove({}, {"plain"}), ErrorCode::kConsumerNotFound);
    expect_error(rewind("plain", tokens[0]), ErrorCode::kConsumerNotFound);
    EXPECT_EQ(must(save("plain", tokens[0])).at, Position(1)) << "begins anew";

    EXPECT_EQ(must(claim("owned", "host-1")).epoch, 1u);
    must(save("owned", tokens[1], 1));
    expect_done(store().remove({}, {"owned"}));
    expect_error(save("owned", tokens[2], 1), ErrorCode::kConsumerNotFound);
    expect_error(save("owned", tokens[2]), ErrorCode::kConsumerNotFound);
    const Progress again = must(claim("owned", "host-2"));
    EXPECT_EQ(again.epoch, 2u);
    EXPECT_EQ(again.position, "");
    expect_error(
        store().remove({}, {"nobody"}), ErrorCode::kConsumerNotFound, "consumer", "nobody"
    );
    expect_error(save("new", tokens[0], 1), ErrorCode::kConsumerNotFound);
}

TEST_P(ConsumerStoreContract, TheHistorySaysWhoDidWhatAndWhyNewestFirst) {
    const auto tokens = append_many(3);
    expect_error(store().history({}, {"billing"}), ErrorCode::kConsumerNotFound);
    must(store().claim({}, {"billing", "host-1", "ann"}));
    must(store().save_and_wait({}, {"billing", tokens[0], 1, "bob"}));
    must(store().save_and_wait({}, {"billing", tokens[2], 1}));
    must(store().rewind({}, {"billing", Position(1), "totals were wrong", "carl"}));
    expect_done(store().remove({}, {"billing", "not used", "dora"}));
    const auto told = [&](const api::ConsumerHistoryRequest& request) {
        std::vector<std::string> texts;
        for (const auto& entry : must(store().history({}, request)).entries) {
            texts.push_back(
                std::string(api::to_string(entry.deed)) + " " + entry.actor + ": " + entry.reason +
                "@" + std::to_string(entry.at.value) + " " + entry.owner
            );
        }
        return texts;
    };
    const std::vector<std::string> all = {
        "deleted dora: not used@0 ",
        "rewound carl: totals were wrong@1 ",
        "saved : @3 host-1",
        "saved bob: @1 host-1",
        "claimed ann: @0 host-1"
    };
    EXPECT_EQ(told({"billing", "", 0, true}), all);
    EXPECT_EQ(told({"billing"}), (std::vector{all[0], all[1], all[4]}));
    // Pages meet, also when something new comes in front.
    std::vector<std::string> paged;
    api::ConsumerHistoryRequest request{"billing", "", 2, true};
    do {
        for (const auto& text : told(request)) paged.push_back(text);
        request.after = must(store().history({}, request)).next;
        must(claim("billing", "host-2"));
    } while (!request.after.empty() && !HasFailure());
    EXPECT_EQ(paged, all);
    const auto newest = must(store().history({}, {"billing", "", 1, false}));
    ASSERT_EQ(newest.entries.size(), 1u);
    EXPECT_EQ(newest.entries[0].epoch, 5u);
    EXPECT_GT(newest.entries[0].time.value, 0);
    expect_error(
        store().history({}, {"billing", "x"}), ErrorCode::kInvalidArgument, "field", "after"
    );
    expect_error(
        store().history({}, {"billing", "", 5'000}), ErrorCode::kLimitExceeded, "field", "limit"
    );
    const std::string too_long(api::kConsumerTextBytesMax + 1, 'a');
    expect_error(
        store().claim({}, {"billing", "host-1", too_long}),
        ErrorCode::kLimitExceeded,
        "field",
        "actor"
    );
}

TEST_P(ConsumerStoreContract, NamespacesKnowNothingOfEachOther) {
    const std::string token = append();
    must(save("billing", token));
    must(events().create_namespace({}, "tenant-a"));
    expect_error(store().get(in("tenant-a"), "billing"), ErrorCode::kConsumerNotFound);
    EXPECT_EQ(must(store().list(in("tenant-a"), {})).consumers.size(), 0u);
    expect_error(
        store().save_and_wait(in("tenant-a"), {"billing", token, 0}), ErrorCode::kTokenUnknown
    );
    const std::string own = append("tenant-a");
    expect_error(
        store().save_and_wait(in("tenant-a"), {"billing", token, 0}), ErrorCode::kTokenUnknown
    );
    EXPECT_EQ(must(store().save_and_wait(in("tenant-a"), {"billing", own, 0})).position, own);
    EXPECT_EQ(must(get("billing")).position, token);
    expect_error(store().get(in("tenant-b"), "billing"), ErrorCode::kNamespaceNotFound);
    expect_error(
        store().save_and_wait(in("tenant-b"), {"x", own, 0}), ErrorCode::kNamespaceNotFound
    );
}

TEST_P(ConsumerStoreContract, ProgressIsNotAmongTheUsersEvents) {
    const auto tokens = append_many(2);
    must(save("billing", tokens[0]));
    must(save("billing", tokens[1]));
    EXPECT_EQ(must(events().info({})).last_position, Position(2));
    api::ReadRequest everything;
    everything.filter.include_system = true;
    EXPECT_EQ(must(events().read({}, everything)).events.size(), 2u);
}

}  // namespace annals::conformance

#define ANNALS_CONSUMER_STORE_CONTRACT(Name, ...)                    \
    INSTANTIATE_TEST_SUITE_P(                                        \
        Name,                                                        \
        ConsumerStoreContract,                                       \
        ::testing::Values(__VA_ARGS__),                              \
        [](const auto& param_info) { return param_info.param.name; } \
    )
