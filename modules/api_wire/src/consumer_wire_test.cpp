// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Our codecs of consumers against protoc's, in both directions.
#include "annals/api_wire/consumer_wire.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "annals/v1/consumer_store.pb.h"

namespace annals::api_wire {
namespace {

namespace v1 = annals::v1;

std::string odd_text() { return *rc::gen::element<std::string>("", "x", "ünï", "a longer text"); }
std::uint64_t odd_number() {
    return *rc::gen::oneOf(rc::gen::arbitrary<std::uint64_t>(), rc::gen::just(std::uint64_t{0}));
}
TimeNs time() { return TimeNs(*rc::gen::arbitrary<std::int64_t>()); }

api::ConsumerProgress some_progress() {
    api::ConsumerProgress progress;
    progress.consumer = odd_text();
    progress.position = odd_text();
    progress.at = Position(odd_number());
    progress.epoch = odd_number();
    progress.owner = odd_text();
    progress.changed_time = time();
    progress.last_seen_time = time();
    if (*rc::gen::arbitrary<bool>()) progress.behind = odd_number();
    progress.problem = odd_text();
    progress.offset = odd_text();
    progress.foreign_id = odd_text();
    progress.is_durable = *rc::gen::arbitrary<bool>();
    return progress;
}

void check(const v1::ConsumerProgress& read, const api::ConsumerProgress& progress) {
    RC_ASSERT(read.consumer() == progress.consumer);
    RC_ASSERT(read.position() == progress.position);
    RC_ASSERT(read.at() == progress.at.value);
    RC_ASSERT(read.epoch() == progress.epoch);
    RC_ASSERT(read.owner() == progress.owner);
    RC_ASSERT(read.changed_time_ns() == progress.changed_time.value);
    RC_ASSERT(read.last_seen_time_ns() == progress.last_seen_time.value);
    RC_ASSERT(read.has_behind() == progress.behind.has_value());
    RC_ASSERT(read.behind() == progress.behind.value_or(0));
    RC_ASSERT(read.problem() == progress.problem);
    RC_ASSERT(read.offset() == progress.offset);
    RC_ASSERT(read.foreign_id() == progress.foreign_id);
    RC_ASSERT(read.is_durable() == progress.is_durable);
}

template <typename Message>
Message parsed(const std::string& bytes) {
    Message message;
    RC_ASSERT(message.ParseFromString(bytes));
    RC_ASSERT(message.SerializeAsString() == bytes);
    return message;
}

RC_GTEST_PROP(ConsumerWire, ProgressAndListsAreThoseOfProtobuf, ()) {
    api::ConsumerList list;
    for (int i = *rc::gen::inRange(0, 4); i > 0; --i) list.consumers.push_back(some_progress());
    list.next = odd_text();
    std::string bytes;
    encode_consumer_list(bytes, list);
    const auto read = parsed<v1::ListConsumersResponse>(bytes);
    RC_ASSERT(static_cast<std::size_t>(read.consumers_size()) == list.consumers.size());
    for (int i = 0; i < read.consumers_size(); ++i) {
        check(read.consumers(i), list.consumers[static_cast<std::size_t>(i)]);
    }
    RC_ASSERT(read.next() == list.next);
    const auto back = decode_consumer_list(bytes);
    RC_ASSERT(back.has_value());
    RC_ASSERT(back->consumers == list.consumers);
    RC_ASSERT(back->next == list.next);
}

RC_GTEST_PROP(ConsumerWire, RequestsAreThoseOfProtobuf, ()) {
    const std::string name_space = odd_text();
    std::string bytes;
    const api::ClaimConsumerRequest claim{odd_text(), odd_text()};
    encode_claim_consumer_request(bytes, name_space, claim);
    const auto claimed = parsed<v1::ClaimConsumerRequest>(bytes);
    RC_ASSERT(claimed.namespace_() == name_space);
    RC_ASSERT(claimed.consumer() == claim.consumer);
    RC_ASSERT(claimed.owner() == claim.owner);
    const auto claim_back = decode_claim_consumer_request(bytes);
    RC_ASSERT(claim_back->request.consumer == claim.consumer);
    RC_ASSERT(claim_back->request.owner == claim.owner);
    RC_ASSERT(claim_back->name_space == name_space);

    bytes.clear();
    const api::SaveProgressRequest save{odd_text(), odd_text(), odd_number()};
    encode_save_progress_request(bytes, name_space, save);
    const auto saved = parsed<v1::SaveProgressRequest>(bytes);
    RC_ASSERT(saved.consumer() == save.consumer);
    RC_ASSERT(saved.position() == save.position);
    RC_ASSERT(saved.epoch() == save.epoch);
    const auto save_back = decode_save_progress_request(bytes);
    RC_ASSERT(save_back->request.consumer == save.consumer);
    RC_ASSERT(save_back->request.position == save.position);
    RC_ASSERT(save_back->request.epoch == save.epoch);

    bytes.clear();
    api::RewindConsumerRequest rewind{odd_text(), odd_text(), odd_text(), odd_text()};
    if (*rc::gen::arbitrary<bool>()) rewind.to = Position(odd_number());
    encode_rewind_consumer_request(bytes, name_space, rewind);
    const auto rewound = parsed<v1::RewindConsumerRequest>(bytes);
    const bool is_token = std::holds_alternative<std::string>(rewind.to);
    RC_ASSERT(rewound.has_token() == is_token);
    RC_ASSERT(rewound.has_at() == !is_token);
    RC_ASSERT(rewound.reason() == rewind.reason);
    RC_ASSERT(rewound.actor() == rewind.actor);
    const auto rewind_back = decode_rewind_consumer_request(bytes);
    RC_ASSERT(rewind_back->request.to == rewind.to);
    RC_ASSERT(rewind_back->request.reason == rewind.reason);
    RC_ASSERT(rewind_back->request.actor == rewind.actor);

    bytes.clear();
    const api::ListConsumersRequest list{
        odd_text(), odd_text(), *rc::gen::arbitrary<std::uint32_t>()
    };
    encode_list_consumers_request(bytes, name_space, list);
    const auto listed = parsed<v1::ListConsumersRequest>(bytes);
    RC_ASSERT(listed.prefix() == list.prefix);
    RC_ASSERT(listed.after() == list.after);
    RC_ASSERT(listed.limit() == list.limit);
    const auto list_back = decode_list_consumers_request(bytes);
    RC_ASSERT(list_back->request.prefix == list.prefix);
    RC_ASSERT(list_back->request.after == list.after);
    RC_ASSERT(list_back->request.limit == list.limit);

    bytes.clear();
    const std::string consumer = odd_text();
    encode_named_consumer_request(bytes, name_space, consumer);
    RC_ASSERT(parsed<v1::GetConsumerRequest>(bytes).consumer() == consumer);
    RC_ASSERT(parsed<v1::DeleteConsumerRequest>(bytes).consumer() == consumer);
    RC_ASSERT(decode_named_consumer_request(bytes)->consumer == consumer);
}

TEST(ConsumerWire, DamageAndWrongTypesAreRefused) {
    EXPECT_FALSE(decode_save_progress_request("\x12\x7F"));
    EXPECT_FALSE(decode_claim_consumer_request("\x10\x01")) << "a number where a name is";
    EXPECT_FALSE(decode_list_consumers_request("\xFF"));
    EXPECT_FALSE(decode_named_consumer_request("\x12"));
    EXPECT_FALSE(decode_consumer_progress("\x0A\x05x"));
    EXPECT_FALSE(decode_consumer_list("\x0A\x02\x0A\x05"));
    const auto nowhere = decode_rewind_consumer_request("\x12\x01x");
    ASSERT_FALSE(nowhere);
    EXPECT_EQ(nowhere.error().field("field"), "to");
}

}  // namespace
}  // namespace annals::api_wire
