// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/dialect_eskit/event_store_service.hpp"

#include <string>
#include <utility>

#include <eventstore/service.pb.h>

#include "annals/base/uuid.hpp"
#include "annals/runtime/worker_pool.hpp"

#include "append_call.hpp"
#include "entity_events.hpp"
#include "log_pages.hpp"
#include "log_poll.hpp"
#include "naming.hpp"
#include "rpc_messages.hpp"
#include "translation.hpp"

namespace annals::dialect_eskit {
namespace {

using grpc_door::RpcAnswer;
using grpc_door::RpcDone;
using grpc_door::RpcMethod;
using grpc_door::RpcRequest;
using grpc_door::RpcStream;

constexpr std::size_t kTasksMax = 4'096;

class EventStoreService final : public grpc_door::RpcService {
  public:
    EventStoreService(api::EventStore& store, EventStoreServiceOptions options)
        : store_(store), options_(std::move(options)), pool_("eskit", 1, kTasksMax) {}

    [[nodiscard]] std::string_view full_name() const override {
        return "contracts.eventstore.EventstoreService";
    }

    [[nodiscard]] std::vector<RpcMethod> methods() override {
        return {
            unary("Healtz", &EventStoreService::healtz),
            unary("Append", &EventStoreService::append),
            unary("GetEvents", &EventStoreService::get_events),
            unary("Logs", &EventStoreService::logs),
            poll("LogsPoll"),
        };
    }

  private:
    using Unary = void (EventStoreService::*)(const RpcRequest&, const RpcDone&);

    RpcMethod unary(std::string name, Unary member) {
        RpcMethod method;
        method.name = std::move(name);
        method.handle = [this, member](const RpcRequest& request, const RpcDone& done) {
            (this->*member)(request, done);
        };
        method.may_block = true;
        return method;
    }

    RpcMethod poll(std::string name) {
        RpcMethod method;
        method.name = std::move(name);
        method.open = [this](const RpcRequest& request) { return open_poll(request); };
        method.to_answer = [](const Error& error) { return answer_of(error); };
        return method;
    }

    [[nodiscard]] api::CallContext context_of(const RpcRequest& request) const {
        api::CallContext context = request.context();
        context.name_space = options_.name_space;
        return context;
    }

    void healtz(const RpcRequest& request, const RpcDone& done) {
        api::ReadRequest read;
        read.filter.tags.push_back(originator_tag(make_uuid_v4().to_string()));
        read.limit = 1;
        const auto page = store_.read(context_of(request), read);
        if (!page) {
            const std::string why(page.error().message());
            done(answer_of(Error(ErrorCode::kInternal, "connecting to store failed : " + why)));
            return;
        }
        contracts::eventstore::HealthResponse response;
        response.set_message("OK");
        done(RpcAnswer::ok(response.SerializeAsString()));
    }

    void append(const RpcRequest& request, const RpcDone& done) {
        auto message = parse<contracts::eventstore::AppendEventRequest>(request);
        if (!message) {
            done(answer_of(message.error()));
            return;
        }
        if (!message->has_event()) {
            done(answer_of(Error(ErrorCode::kInvalidArgument, "missing event")));
            return;
        }
        auto checked = check_event(std::move(*message->mutable_event()));
        if (!checked) {
            done(answer_of(checked.error()));
            return;
        }
        // Shared with the store, which answers later.
        const auto call = std::make_shared<AppendCall>(
            store_,
            pool_,
            std::move(*checked),
            [done](const Status& status) {
                done(status ? RpcAnswer::ok({}) : answer_of(status.error()));
            }
        );
        call->run(context_of(request));
    }

    void get_events(const RpcRequest& request, const RpcDone& done) {
        const auto message = parse<contracts::eventstore::GetEventsRequest>(request);
        if (!message) {
            done(answer_of(message.error()));
            return;
        }
        done(answer_of(dialect_eskit::get_events(store_, context_of(request), *message)));
    }

    void logs(const RpcRequest& request, const RpcDone& done) {
        const auto message = parse<contracts::eventstore::AppLogRequest>(request);
        if (!message) {
            done(answer_of(message.error()));
            return;
        }
        done(answer_of(read_log(store_, context_of(request), *message)));
    }

    Result<std::unique_ptr<RpcStream>> open_poll(const RpcRequest& request) {
        ANNALS_TRY(const auto message, parse<contracts::eventstore::AppLogRequest>(request));
        return open_log_poll(store_, context_of(request), message, pool_);
    }

    api::EventStore& store_;
    const EventStoreServiceOptions options_;
    /// For what cannot go on where it is: appends that look again, pollers in long history.
    runtime::WorkerPool pool_;
};

}  // namespace

std::unique_ptr<grpc_door::RpcService> make_event_store_service(
    api::EventStore& store, EventStoreServiceOptions options
) {
    return std::make_unique<EventStoreService>(store, std::move(options));
}

}  // namespace annals::dialect_eskit
