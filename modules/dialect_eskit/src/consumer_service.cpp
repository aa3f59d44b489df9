// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/dialect_eskit/consumer_service.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <consumerstore/service.pb.h>

#include "naming.hpp"
#include "rpc_messages.hpp"
#include "save_counter.hpp"

namespace annals::dialect_eskit {
namespace {

namespace consumerstore = contracts::consumerstore;
using grpc_door::RpcAnswer;
using grpc_door::RpcDone;
using grpc_door::RpcMethod;
using grpc_door::RpcRequest;

/// Of an offset: eskit's column.
constexpr std::ptrdiff_t kOffsetCharactersMax = 100;
/// Of a consumer's id: eskit's own limit is an index row of PostgreSQL, about this.
constexpr std::size_t kIdBytesMax = 2'600;
constexpr std::uint32_t kListPage = 1'000;
/// An answer to List ends here, whatever there is more.
constexpr std::size_t kListBytesMax = 64u << 20u;

std::ptrdiff_t characters(std::string_view utf8) {
    return std::count_if(utf8.begin(), utf8.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u;
    });
}

Error invalid_call(std::string message) {
    return {ErrorCode::kInvalidArgument, std::move(message)};
}

/// The original's answer to what its database does not take; the words are ours.
Status check_columns(std::string_view id, std::string_view offset) {
    const auto refused = [](std::string_view why) {
        return Error(
            ErrorCode::kInternal, std::string("log consume : storing progress : ").append(why)
        );
    };
    if (id.size() > kIdBytesMax) return refused("the consumer id is longer than 2600 bytes");
    if (characters(offset) > kOffsetCharactersMax) {
        return refused("the offset is longer than 100 characters");
    }
    if (id.find('\0') != std::string_view::npos || offset.find('\0') != std::string_view::npos) {
        return refused("a text with a NUL byte");
    }
    return ok();
}

/// The consumer's name in the store. Names of the server begin with `$`, an id may.
std::string consumer_of(const std::string& id) {
    if (id.starts_with('$')) return key_of("sha256." + id);  // hashed: it looks like a hashed one
    return key_of(id);
}

/// What eskit's clients go on from: the text as saved, or the log id where another door saved.
/// Nothing: no progress yet.
std::optional<std::string> offset_of(const api::ConsumerProgress& progress) {
    if (!progress.offset.empty()) return progress.offset;
    if (progress.position.empty()) return std::nullopt;
    return std::to_string(progress.at.value);
}

class ConsumerService final : public grpc_door::RpcService {
  public:
    ConsumerService(api::ConsumerStore& store, ConsumerServiceOptions options)
        : store_(store), options_(std::move(options)), saves_(options_.metrics) {}

    [[nodiscard]] std::string_view full_name() const override {
        return "contracts.consumerstore.ConsumerService";
    }

    [[nodiscard]] std::vector<RpcMethod> methods() override {
        return {
            unary("Healtz", &ConsumerService::healtz),
            unary("LogConsume", &ConsumerService::log_consume),
            unary("GetLogConsume", &ConsumerService::get_log_consume),
            unary("List", &ConsumerService::list),
        };
    }

  private:
    using Unary = void (ConsumerService::*)(const RpcRequest&, const RpcDone&);

    RpcMethod unary(std::string name, Unary member) {
        RpcMethod method;
        method.name = std::move(name);
        method.handle = [this, member](const RpcRequest& request, const RpcDone& done) {
            (this->*member)(request, done);
        };
        method.may_block = true;
        return method;
    }

    [[nodiscard]] api::CallContext context_of(const RpcRequest& request) const {
        api::CallContext context = request.context();
        context.name_space = options_.name_space;
        return context;
    }

    /// Empty, and nothing is looked at.
    void healtz(const RpcRequest& request, const RpcDone& done) {
        const auto message = parse<consumerstore::HealthRequest>(request);
        done(message ? RpcAnswer::ok({}) : answer_of(message.error()));
    }

    void log_consume(const RpcRequest& request, const RpcDone& done) {
        const auto message = parse<consumerstore::AppLogConsumeRequest>(request);
        if (!message) return done(answer_of(message.error()));
        const std::string& id = message->consumer_id();
        if (id.empty()) return done(answer_of(invalid_call("missing consumer id")));
        if (message->offset().empty()) return done(answer_of(invalid_call("missing offset")));
        const Status checked = check_columns(id, message->offset());
        if (!checked) return done(answer_of(checked.error()));
        api::SaveOffsetRequest save{consumer_of(id), message->offset(), ""};
        if (save.consumer != id) save.foreign_id = id;
        store_.save_offset(
            context_of(request),
            save,
            [this, id, done](const Result<api::ConsumerProgress>& progress) {
                if (progress) saves_.count(id);
                done(progress ? RpcAnswer::ok({}) : answer_of(progress.error()));
            }
        );
    }

    void get_log_consume(const RpcRequest& request, const RpcDone& done) {
        const auto message = parse<consumerstore::GetAppLogConsumeRequest>(request);
        if (!message) return done(answer_of(message.error()));
        done(answer_of(found(context_of(request), message->consumer_id())));
    }

    Result<consumerstore::GetAppLogConsumeResponse> found(
        const api::CallContext& context, const std::string& id
    ) {
        if (id.empty()) return invalid_call("missing consumer id");
        const auto progress = store_.get(context, consumer_of(id));
        const bool is_failure = !progress &&
                                progress.error().code() != ErrorCode::kConsumerNotFound;
        if (is_failure) return progress.error();
        const auto offset = progress ? offset_of(*progress) : std::nullopt;
        if (!offset) return Error(ErrorCode::kConsumerNotFound, "consumer not found");
        consumerstore::GetAppLogConsumeResponse response;
        response.set_consumer_id(id);
        response.set_offset(*offset);
        return response;
    }

    void list(const RpcRequest& request, const RpcDone& done) {
        const auto message = parse<consumerstore::ListConsumersRequest>(request);
        if (!message) return done(answer_of(message.error()));
        done(answer_of(all(context_of(request))));
    }

    Result<consumerstore::ListConsumersResponse> all(const api::CallContext& context) {
        consumerstore::ListConsumersResponse response;
        api::ListConsumersRequest page_request;
        page_request.limit = kListPage;
        std::size_t bytes = 0;
        while (bytes < kListBytesMax) {
            ANNALS_TRY(const api::ConsumerList page, store_.list(context, page_request));
            for (const api::ConsumerProgress& progress : page.consumers) {
                const auto offset = offset_of(progress);
                if (!offset) continue;
                consumerstore::GetAppLogConsumeResponse* one = response.add_consumers();
                const bool is_substitute = !progress.foreign_id.empty();
                one->set_consumer_id(is_substitute ? progress.foreign_id : progress.consumer);
                one->set_offset(*offset);
                bytes += one->consumer_id().size() + offset->size() + 16;
            }
            if (page.next.empty()) break;
            page_request.after = page.next;
        }
        return response;
    }

    api::ConsumerStore& store_;
    const ConsumerServiceOptions options_;
    SaveCounter saves_;
};

}  // namespace

std::unique_ptr<grpc_door::RpcService> make_consumer_service(
    api::ConsumerStore& store, ConsumerServiceOptions options
) {
    return std::make_unique<ConsumerService>(store, std::move(options));
}

}  // namespace annals::dialect_eskit
