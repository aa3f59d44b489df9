// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/dialect_eskit/testing/harness.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <gtest/gtest.h>

#include "annals/order_local/local_orderer.hpp"

namespace annals::dialect_eskit::testing {
namespace {

using contracts::eventstore::AppendEventRequest;
using contracts::eventstore::AppendEventResponse;
using contracts::eventstore::AppLogEntry;
using contracts::eventstore::AppLogRequest;
using contracts::eventstore::AppLogResponse;
using contracts::eventstore::Event;
using contracts::eventstore::GetEventsRequest;
using contracts::eventstore::GetEventsResponse;
using contracts::eventstore::HealthResponse;
using grpc_door::RpcAnswer;
using grpc_door::RpcStream;

class PlainRequest final : public grpc_door::RpcRequest {
  public:
    explicit PlainRequest(std::string message) : message_(std::move(message)) {}
    [[nodiscard]] std::string_view message() const override { return message_; }
    [[nodiscard]] const api::CallContext& context() const override { return context_; }
    [[nodiscard]] std::string_view metadata(std::string_view) const override { return {}; }

  private:
    std::string message_;
    api::CallContext context_;
};

template <typename Message>
Answer<Message> decoded(const RpcAnswer& answer) {
    Answer<Message> out;
    out.code = answer.code;
    out.text = answer.message;
    EXPECT_TRUE(out.message.ParseFromString(answer.body));
    EXPECT_TRUE(answer.details.empty());
    return out;
}

AppLogRequest log_request(
    std::string_view from_id,
    std::uint32_t size,
    std::string_view selector,
    std::string_view pipeline_id
) {
    AppLogRequest request;
    request.set_from_id(std::string(from_id));
    request.set_size(size);
    request.set_selector(std::string(selector));
    request.set_pipeline_id(std::string(pipeline_id));
    return request;
}

}  // namespace

Poll::Poll(std::unique_ptr<RpcStream> stream) : stream_(std::move(stream)) {
    stream_->set_waker([this] {
        const std::lock_guard lock(mutex_);
        is_woken_ = true;
        woken_.notify_one();
    });
}

Poll::~Poll() = default;

std::optional<AppLogEntry> Poll::next_now() {
    std::string message;
    const auto next = stream_->next(message);
    EXPECT_TRUE(next) << next.error().to_string();
    if (!next || *next != RpcStream::Next::kMessage) return std::nullopt;
    AppLogEntry entry;
    EXPECT_TRUE(entry.ParseFromString(message));
    return entry;
}

AppLogEntry Poll::next() {
    while (true) {
        if (auto entry = next_now()) return *entry;
        std::unique_lock lock(mutex_);
        const bool is_there = woken_.wait_for(lock, std::chrono::seconds(60), [this] {
            return is_woken_;
        });
        EXPECT_TRUE(is_there) << "no entry came";
        if (!is_there) return {};
        is_woken_ = false;
    }
}

Harness::Harness() : files_(log::make_memory_file_system()), memory_(64u << 20u) {
    namespaces::NamespacesOptions options;
    options.directory = "data/namespaces";
    options.files = files_.get();
    options.version = "test";
    options.open_orderer =
        [this](const std::string&, const std::string& directory, namespaces::LogKind kind) {
            order_local::OrdererOptions orderer;
            orderer.index.is_in_memory = true;
            orderer.log.has_tree = kind == namespaces::LogKind::kEvents;
            order_local::OpenReport report;
            return order_local::open_local_orderer(*files_, directory, orderer, memory_, report);
        };
    store_ = std::move(namespaces::Namespaces::open(std::move(options)).value());
    service_ = make_event_store_service(*store_, {});
    methods_ = service_->methods();
}

Harness::~Harness() {
    methods_.clear();
    service_.reset();
    store_.reset();
}

const grpc_door::RpcMethod& Harness::method(std::string_view name) const {
    const auto found = std::find_if(methods_.begin(), methods_.end(), [&](const auto& method) {
        return method.name == name;
    });
    EXPECT_NE(found, methods_.end()) << name;
    return *found;
}

RpcAnswer Harness::call(std::string_view name, std::string message) {
    std::promise<RpcAnswer> answered;
    const PlainRequest request(std::move(message));
    method(name).handle(request, [&](RpcAnswer answer) { answered.set_value(std::move(answer)); });
    return answered.get_future().get();
}

Answer<HealthResponse> Harness::healtz() { return decoded<HealthResponse>(call("Healtz", "")); }

Answer<AppendEventResponse> Harness::append(const AppendEventRequest& request) {
    return decoded<AppendEventResponse>(call("Append", request.SerializeAsString()));
}

Answer<AppendEventResponse> Harness::append(
    std::string_view id,
    std::string_view version,
    std::string_view event_type,
    std::string_view payload,
    std::int64_t occured_on
) {
    AppendEventRequest request;
    Event* event = request.mutable_event();
    event->mutable_originator()->set_id(std::string(id));
    event->mutable_originator()->set_version(std::string(version));
    event->set_event_type(std::string(event_type));
    event->set_payload(std::string(payload));
    event->set_occured_on(occured_on);
    return append(request);
}

Answer<GetEventsResponse> Harness::get_events(const GetEventsRequest& request) {
    return decoded<GetEventsResponse>(call("GetEvents", request.SerializeAsString()));
}

Answer<GetEventsResponse> Harness::get_events(
    std::string_view id, std::string_view version, std::string_view entity_type
) {
    GetEventsRequest request;
    request.mutable_originator()->set_id(std::string(id));
    request.mutable_originator()->set_version(std::string(version));
    request.set_entity_type(std::string(entity_type));
    return get_events(request);
}

Answer<AppLogResponse> Harness::logs(
    std::string_view from_id,
    std::uint32_t size,
    std::string_view selector,
    std::string_view pipeline_id
) {
    const AppLogRequest request = log_request(from_id, size, selector, pipeline_id);
    return decoded<AppLogResponse>(call("Logs", request.SerializeAsString()));
}

Answer<AppLogEntry> Harness::poll_refused(std::string_view from_id) {
    const grpc_door::RpcMethod& polling = method("LogsPoll");
    const PlainRequest request(log_request(from_id, 0, "", "").SerializeAsString());
    const auto stream = polling.open(request);
    EXPECT_FALSE(stream);
    return decoded<AppLogEntry>(polling.to_answer(stream.error()));
}

std::unique_ptr<Poll> Harness::poll(
    std::string_view from_id,
    std::string_view selector,
    std::string_view pipeline_id,
    std::uint32_t size
) {
    const PlainRequest request(log_request(from_id, size, selector, pipeline_id).SerializeAsString()
    );
    auto stream = method("LogsPoll").open(request);
    EXPECT_TRUE(stream) << stream.error().to_string();
    return std::make_unique<Poll>(std::move(*stream));
}

Answer<HealthResponse> Harness::raw(std::string_view name, const std::string& bytes) {
    return decoded<HealthResponse>(call(name, bytes));
}

void Harness::append_native(std::string_view stream, std::string_view type, std::string_view data) {
    model::NewEvent event;
    event.type = type;
    event.data = data;
    model::AppendRequest request;
    request.stream = stream;
    request.events.push_back(event);
    const auto appended = store_->append_and_wait({}, request);
    ASSERT_TRUE(appended) << appended.error().to_string();
}

std::uint64_t Harness::subscriptions() const {
    std::uint64_t count = 0;
    for (const auto& status : store_->status()) count += status.subscriptions;
    return count;
}

}  // namespace annals::dialect_eskit::testing
