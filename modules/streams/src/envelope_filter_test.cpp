// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/streams/envelope_filter.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace annals::streams {
namespace {

std::string envelope_of(const model::NewEvent& event) {
    std::string envelope;
    model::encode_envelope(envelope, event, make_uuid_v4());
    return envelope;
}

TEST(EnvelopeFilter, FindsTheStreamOfShortAndLongNames) {
    for (const std::size_t size : {1u, 5u, 127u, 128u, 200u, 1'024u}) {
        const std::string name(size, 'n');
        model::NewEvent event;
        event.stream = name;
        event.type = "happened";
        EXPECT_EQ(stream_of(envelope_of(event)), name);
    }
    EXPECT_EQ(stream_of(""), "");
    EXPECT_EQ(stream_of("\x0A\x7F"), "") << "cut";
}

RC_GTEST_PROP(EnvelopeFilterProperty, AgreesWithTheReference, ()) {
    const auto some = [](const std::vector<std::string>& from) {
        std::vector<std::string> chosen;
        for (const std::string& one : from) {
            if (*rc::gen::weightedElement<bool>({{3, false}, {1, true}})) chosen.push_back(one);
        }
        return chosen;
    };
    const std::vector<std::string> streams = {
        "order-1", "order-2", "cart-1", "cart", "$system-1", "-x"
    };
    const std::vector<std::string> types = {"placed", "paid", ""};
    const std::vector<std::string> tags = {"a:1", "a:2", "b:1"};
    model::NewEvent event;
    const std::string stream = *rc::gen::elementOf(streams);
    const std::string type = *rc::gen::elementOf(types);
    event.stream = stream;
    event.type = type;
    const std::vector<std::string> own_tags = some(tags);
    for (const std::string& tag : own_tags) event.tags.push_back(tag);
    if (*rc::gen::arbitrary<bool>()) event.actor = "somebody";
    if (*rc::gen::arbitrary<bool>()) event.dialect.push_back({"a:1", "b"});

    model::Filter filter;
    filter.categories = some({"order", "cart", "$system"});
    filter.types = some({"placed", "paid", "unknown"});
    filter.stream_prefixes = some({"order-1", "c", "$"});
    filter.tags = some({"a:1", "a:2", "b:1"});
    filter.include_system = *rc::gen::arbitrary<bool>();
    RC_ASSERT(EnvelopeFilter(filter).matches(envelope_of(event)) == model::matches(filter, event));
}

}  // namespace
}  // namespace annals::streams
