// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Our codecs beside protoc's classes (arena and heap), on the messages of the hot calls: the
// numbers of docs/adr/0004.
#include "annals/api_wire/append_wire.hpp"

#include <string>

#include <benchmark/benchmark.h>
#include <google/protobuf/arena.h>

#include "annals/api_wire/read_wire.hpp"
#include "annals/v1/event_store.pb.h"

namespace annals::api_wire {
namespace {

namespace v1 = annals::v1;

const std::string kData(256, 'd');
const std::string kId(16, 'i');

v1::AppendRequest make_request(int events) {
    v1::AppendRequest request;
    request.set_stream("order-1234567");
    for (int i = 0; i < events; ++i) {
        v1::NewEvent& event = *request.add_events();
        event.set_id(kId);
        event.set_type("order-placed");
        event.add_tags("customer:1234567");
        event.set_data(kData);
    }
    return request;
}

v1::ReadResponse make_page(int events) {
    v1::ReadResponse page;
    for (int i = 0; i < events; ++i) {
        v1::RecordedEvent& event = *page.add_events();
        event.set_stream("order-1234567");
        event.set_id(kId);
        event.set_type("order-placed");
        event.add_tags("customer:1234567");
        event.set_data(kData);
        event.set_position(static_cast<std::uint64_t>(i) + 1);
        event.set_revision(static_cast<std::uint64_t>(i));
        event.set_recorded_time_ns(1);
    }
    page.set_position(std::string(36, 'p'));
    return page;
}

void per_event(benchmark::State& state) {
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void decode_append_ours(benchmark::State& state) {
    const std::string bytes = make_request(static_cast<int>(state.range(0))).SerializeAsString();
    AppendCall call;
    for (auto _ : state) {
        call.request.events.clear();
        benchmark::DoNotOptimize(decode_append_request(bytes, call));
    }
    per_event(state);
}
BENCHMARK(decode_append_ours)->Arg(1)->Arg(100);

void decode_append_protobuf_arena(benchmark::State& state) {
    const std::string bytes = make_request(static_cast<int>(state.range(0))).SerializeAsString();
    google::protobuf::Arena arena;
    for (auto _ : state) {
        auto* request = google::protobuf::Arena::CreateMessage<v1::AppendRequest>(&arena);
        benchmark::DoNotOptimize(request->ParseFromString(bytes));
        arena.Reset();
    }
    per_event(state);
}
BENCHMARK(decode_append_protobuf_arena)->Arg(1)->Arg(100);

void decode_append_protobuf(benchmark::State& state) {
    const std::string bytes = make_request(static_cast<int>(state.range(0))).SerializeAsString();
    for (auto _ : state) {
        v1::AppendRequest request;
        benchmark::DoNotOptimize(request.ParseFromString(bytes));
    }
    per_event(state);
}
BENCHMARK(decode_append_protobuf)->Arg(1)->Arg(100);

/// What a read does: parts from the log into the answer's bytes.
void page_ours(benchmark::State& state) {
    const v1::ReadResponse page = make_page(1);
    v1::RecordedEvent event = page.events(0);
    event.clear_data();
    event.clear_position();
    event.clear_revision();
    event.clear_recorded_time_ns();
    const std::string envelope = event.SerializeAsString();
    v1::RecordedEvent data;
    data.set_data(kData);
    const std::string payload = data.SerializeAsString();
    for (auto _ : state) {
        api::ReadPage made;
        for (std::int64_t i = 0; i < state.range(0); ++i) {
            made.events.add(envelope, payload, Position(7), Revision(7), TimeNs(1));
        }
        std::string bytes = made.events.take_bytes();
        encode_read_response_tail(bytes, made);
        benchmark::DoNotOptimize(bytes.data());
    }
    per_event(state);
}
BENCHMARK(page_ours)->Arg(20)->Arg(100);

/// The same through protoc's classes: fields set, then serialised.
void page_protobuf_arena(benchmark::State& state) {
    google::protobuf::Arena arena;
    for (auto _ : state) {
        auto* page = google::protobuf::Arena::CreateMessage<v1::ReadResponse>(&arena);
        for (std::int64_t i = 0; i < state.range(0); ++i) {
            v1::RecordedEvent& event = *page->add_events();
            event.set_stream("order-1234567");
            event.set_id(kId);
            event.set_type("order-placed");
            event.add_tags("customer:1234567");
            event.set_data(kData);
            event.set_position(7);
            event.set_revision(7);
            event.set_recorded_time_ns(1);
        }
        std::string bytes;
        page->SerializeToString(&bytes);
        benchmark::DoNotOptimize(bytes.data());
        arena.Reset();
    }
    per_event(state);
}
BENCHMARK(page_protobuf_arena)->Arg(20)->Arg(100);

void encode_append_response_ours(benchmark::State& state) {
    api::AppendResponse response;
    response.first_position = response.last_position = Position(123'456);
    response.position = std::string(36, 'p');
    response.streams.push_back({"order-1234567", Revision(3), Revision(3)});
    std::string out;
    for (auto _ : state) {
        out.clear();
        encode_append_response(out, response);
        benchmark::DoNotOptimize(out.data());
    }
}
BENCHMARK(encode_append_response_ours);

}  // namespace
}  // namespace annals::api_wire
