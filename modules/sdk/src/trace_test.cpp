// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "annals/typed.hpp"

#include "sdk_test_support.hpp"

namespace annals {
namespace {

using testing::Counter;
using testing::event_of;
using testing::memory_store;

const TraceContext kTrace{"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "a=b"};

std::string trace_id(const TraceContext& trace) { return trace.parent.substr(3, 32); }
std::string span_id(const TraceContext& trace) { return trace.parent.substr(36, 16); }

TEST(TraceContext, KnowsWhatW3cAllows) {
    EXPECT_TRUE(kTrace.is_valid());
    const std::string text = kTrace.parent;
    EXPECT_TRUE((TraceContext{"cc" + text.substr(2) + "-more"}).is_valid());  // a later version
    const std::vector<std::string> not_valid{
        std::string(),
        "ff" + text.substr(2),
        text + "-more",
        text.substr(0, 54),
        "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x"
    };
    for (const std::string& wrong : not_valid) {
        EXPECT_FALSE((TraceContext{wrong}).is_valid()) << wrong;
    }
}

TEST(TraceContext, ChildIsAnotherStepOfTheSameTrace) {
    const TraceContext child = kTrace.child();
    EXPECT_TRUE(child.is_valid());
    EXPECT_EQ(trace_id(child), trace_id(kTrace));
    EXPECT_NE(span_id(child), span_id(kTrace));
    EXPECT_EQ(child.state, "a=b");
    const TraceContext first = TraceContext{"nonsense", "a=b"}.child();
    EXPECT_TRUE(first.is_valid());
    EXPECT_EQ(first.state, "");
    EXPECT_NE(trace_id(first), trace_id(TraceContext::make()));
}

RC_GTEST_PROP(TraceContextProperty, WhateverCameHasAValidChild, (const std::string& parent)) {
    RC_ASSERT((TraceContext{parent}).child().is_valid());
    // one sign of a good one changed, or a piece cut off
    std::string near = kTrace.parent;
    near[*rc::gen::inRange<std::size_t>(0, near.size())] = *rc::gen::arbitrary<char>();
    near.resize(*rc::gen::inRange<std::size_t>(near.size() - 1, near.size() + 1));
    const TraceContext child = TraceContext{near}.child();
    RC_ASSERT(child.is_valid());
    RC_ASSERT(!(TraceContext{near}).is_valid() || child.parent.substr(3, 32) == near.substr(3, 32));
}

TEST(TraceScope, NestsAndEnds) {
    EXPECT_TRUE(TraceScope::current().empty());
    const TraceContext inner = kTrace.child();
    {
        const TraceScope outer(kTrace);
        {
            const TraceScope nested(inner);
            EXPECT_EQ(TraceScope::current(), inner);
        }
        EXPECT_EQ(TraceScope::current(), kTrace);
    }
    EXPECT_TRUE(TraceScope::current().empty());
}

TEST(Append, PutsTheTraceIntoEventsThatBringNone) {
    const Client client = memory_store();
    const TraceContext own = kTrace.child();
    {
        const TraceScope scope(kTrace);
        client.append("a-1", {{.type = "A"}});
        client.append("a-2", {{.type = "A", .traceparent = own.parent}});
        client.with_trace(own).append("a-3", {{.type = "A"}});
    }
    client.append("a-4", {{.type = "A"}});
    EXPECT_EQ(event_of(client, "a-1").trace(), kTrace);
    EXPECT_EQ(event_of(client, "a-2").trace(), (TraceContext{own.parent}));
    EXPECT_EQ(event_of(client, "a-3").trace(), own);
    EXPECT_TRUE(event_of(client, "a-4").trace().empty());
}

TEST(Decisions, BelongToTheCurrentTrace) {
    const Client client = memory_store();
    const TraceScope scope(kTrace);
    (void)handle<Counter>(client, "counter-1", 3);
    EXPECT_EQ(event_of(client, "counter-1").trace(), kTrace);
    EXPECT_EQ(load<Counter>(client, "counter-1").state, 3);
}

TEST(Entities, BelongToTheCurrentTrace) {
    const Client client = memory_store();
    const TraceScope scope(kTrace);
    (void)Documents(client, "product").create("p1", R"({"name":"tea"})");
    EXPECT_EQ(event_of(client, "product-p1").trace(), kTrace);
}

TEST(ContinueTrace, LetsAHandlerGoOnWithItsEventsTrace) {
    const Client client = memory_store({.start_handle = continue_trace});
    {
        const TraceScope scope(kTrace);
        client.append("order-1", {{.type = "Placed"}});
    }
    client.append("order-2", {{.type = "Placed"}});
    int handled = 0;
    std::stop_source stop;
    client.consumer("billing", {.categories = {"order"}})
        .run(
            [&](const Event& event) {
                client.append("bill-" + std::string(event.stream), {{.type = "Billed"}});
                if (++handled == 2) stop.request_stop();
            },
            stop.get_token()
        );
    const TraceContext first = event_of(client, "bill-order-1").trace();
    EXPECT_EQ(trace_id(first), trace_id(kTrace));
    EXPECT_NE(span_id(first), span_id(kTrace));
    EXPECT_EQ(first.state, "a=b");
    EXPECT_TRUE(event_of(client, "bill-order-2").trace().empty());  // nor that of the one before
    EXPECT_TRUE(TraceScope::current().empty());
}

TEST(ContinueTrace, OfABatchIsThatOfItsFirstTracedEvent) {
    const Client client = memory_store({.start_handle = continue_trace});
    client.append("order-1", {{.type = "A"}, {.type = "B", .traceparent = kTrace.parent}});
    std::stop_source stop;
    TraceContext seen;
    client.consumer("c").run_batches(
        [&](const Batch&) {
            seen = TraceScope::current();
            stop.request_stop();
        },
        stop.get_token()
    );
    EXPECT_EQ(trace_id(seen), trace_id(kTrace));
}

TEST(ContinueTrace, LetsAMemberGoOnWithItsEventsTrace) {
    const Client client = memory_store({.start_handle = continue_trace});
    {
        const TraceScope scope(kTrace);
        client.append("order-1", {{.type = "Placed"}});
    }
    const Group group = client.group("mail");
    group.create({.select = {.categories = {"order"}}});
    std::stop_source stop;
    group.run(
        {.concurrency = 2},
        [&](const Delivery& delivery) {
            client.append("mail-1", {{.type = "Sent"}}, {.tracking = delivery.tracking()});
            stop.request_stop();
        },
        stop.get_token()
    );
    EXPECT_EQ(trace_id(event_of(client, "mail-1").trace()), trace_id(kTrace));
}

/// A tracing library: its spans are scopes, and it keeps what was said of them.
class Library {
  public:
    ClientOptions options() {
        ClientOptions options;
        options.start_append = [this](std::string_view stream) {
            return begin("append " + std::string(stream), {});
        };
        options.start_handle = [this](std::string_view consumer, std::span<const Event> events) {
            return begin("handle " + std::string(consumer), events);
        };
        return options;
    }
    std::vector<std::string> said;
    std::vector<TraceContext> links;

  private:
    class Span final : public TraceSpan {
      public:
        Span(Library& library, std::string name)
            : library_(library), name_(std::move(name)), scope_(TraceScope::current().child()) {}
        ~Span() override { library_.said.push_back(name_ + " ended"); }
        void failed(std::string_view why) override {
            library_.said.push_back(name_ + " failed: " + std::string(why));
        }

      private:
        Library& library_;
        const std::string name_;
        const TraceScope scope_;
    };
    std::unique_ptr<TraceSpan> begin(const std::string& name, std::span<const Event> events) {
        for (const Event& event : events) links.push_back(event.trace());
        return std::make_unique<Span>(*this, name);
    }
};

TEST(Spans, AreAroundAppendsAndHandlers) {
    Library library;
    const Client client = memory_store(library.options());
    const TraceScope scope(kTrace);
    client.append("order-1", {{.type = "Placed"}});
    const TraceContext written = event_of(client, "order-1").trace();
    EXPECT_EQ(trace_id(written), trace_id(kTrace));
    EXPECT_NE(span_id(written), span_id(kTrace));  // of the span of the append
    Consumer consumer = client.consumer("billing", {.stream = "order-1"});
    EXPECT_THROW(
        consumer.run([](const Event&) { throw std::runtime_error("broken"); }), std::runtime_error
    );
    EXPECT_THROW(client.append("order-1", {{.type = "Placed"}}, {.expected = kNoStream}), Failure);
    ASSERT_EQ(library.said.size(), 5u);
    EXPECT_EQ(library.said[0], "append order-1 ended");
    EXPECT_EQ(library.said[1], "handle billing failed: broken");
    EXPECT_EQ(library.said[2], "handle billing ended");
    EXPECT_TRUE(library.said[3].starts_with("append order-1 failed: conflict")) << library.said[3];
    ASSERT_EQ(library.links.size(), 1u);
    EXPECT_EQ(library.links[0], written);
}

}  // namespace
}  // namespace annals
