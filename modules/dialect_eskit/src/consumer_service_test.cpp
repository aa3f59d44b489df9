// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/dialect_eskit/consumer_service.hpp"

#include <algorithm>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include <consumerstore/service.pb.h>
#include <gtest/gtest.h>

#include "annals/consumers/testing/server.hpp"
#include "annals/dialect_eskit/testing/harness.hpp"

namespace annals::dialect_eskit {
namespace {

namespace consumerstore = contracts::consumerstore;
using testing::Answer;

constexpr int kNotFound = 5;
constexpr int kAborted = 10;

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

/// The rows of contract 2.3.
class EskitConsumerTest : public ::testing::Test {
  protected:
    template <typename Response>
    Answer<Response> call(std::string_view name, const std::string& bytes) {
        const auto methods = service_->methods();
        const auto found = std::find_if(methods.begin(), methods.end(), [&](const auto& method) {
            return method.name == name;
        });
        Answer<Response> out;
        if (found == methods.end()) return out;
        std::promise<grpc_door::RpcAnswer> answered;
        const PlainRequest request(bytes);
        found->handle(request, [&](grpc_door::RpcAnswer answer) {
            answered.set_value(std::move(answer));
        });
        const grpc_door::RpcAnswer answer = answered.get_future().get();
        out.code = answer.code;
        out.text = answer.message;
        EXPECT_TRUE(answer.details.empty());
        EXPECT_TRUE(out.message.ParseFromString(answer.body));
        return out;
    }
    Answer<consumerstore::AppLogConsumeResponse> save(
        const std::string& consumer, const std::string& offset
    ) {
        consumerstore::AppLogConsumeRequest request;
        request.set_consumer_id(consumer);
        request.set_offset(offset);
        return call<consumerstore::AppLogConsumeResponse>(
            "LogConsume", request.SerializeAsString()
        );
    }
    Answer<consumerstore::GetAppLogConsumeResponse> get(const std::string& consumer) {
        consumerstore::GetAppLogConsumeRequest request;
        request.set_consumer_id(consumer);
        return call<consumerstore::GetAppLogConsumeResponse>(
            "GetLogConsume", request.SerializeAsString()
        );
    }
    std::vector<std::string> list() {
        const auto answer = call<consumerstore::ListConsumersResponse>("List", "");
        EXPECT_EQ(answer.code, testing::kOk) << answer.text;
        std::vector<std::string> all;
        for (const auto& one : answer.message.consumers()) {
            all.push_back(one.consumer_id() + "@" + one.offset());
        }
        std::sort(all.begin(), all.end());
        return all;
    }

    std::unique_ptr<log::FileSystem> files_ = log::make_memory_file_system();
    consumers::testing::Server server_{*files_};
    std::unique_ptr<grpc_door::RpcService> service_ = make_consumer_service(
        server_.consumers(), {}
    );
};

TEST_F(EskitConsumerTest, RefusesWhatIsMissing) {
    EXPECT_EQ(save("", "1").code, testing::kInvalidArgument);
    EXPECT_EQ(save("", "1").text, "missing consumer id");
    EXPECT_EQ(save("", "").text, "missing consumer id");
    EXPECT_EQ(save("c", "").code, testing::kInvalidArgument);
    EXPECT_EQ(save("c", "").text, "missing offset");
    EXPECT_EQ(get("").code, testing::kInvalidArgument);
    EXPECT_EQ(get("").text, "missing consumer id");
    EXPECT_EQ(get("c").code, kNotFound);
    EXPECT_EQ(get("c").text, "consumer not found");
}

TEST_F(EskitConsumerTest, TakesAnyTextAlsoBackwards) {
    for (const std::string offset : {"7", "3", "abc", "1", "", "1.5", "ünï", "-1"}) {
        if (offset.empty()) continue;
        ASSERT_EQ(save("c", offset).code, testing::kOk) << offset;
        EXPECT_EQ(get("c").message.offset(), offset);
        EXPECT_EQ(get("c").message.consumer_id(), "c");
    }
}

TEST_F(EskitConsumerTest, RefusesMoreThanAHundredCharacters) {
    std::string hundred;
    for (int i = 0; i < 100; ++i) hundred += "ü";
    EXPECT_EQ(save("c", hundred).code, testing::kOk) << "characters, not bytes";
    EXPECT_EQ(save("c", hundred + "x").code, testing::kInternal);
    EXPECT_EQ(get("c").message.offset(), hundred);
    EXPECT_EQ(save("c", std::string("1\0", 2)).code, testing::kInternal);
    EXPECT_EQ(save(std::string(2'601, 'x'), "1").code, testing::kInternal);
}

TEST_F(EskitConsumerTest, ListsAll) {
    EXPECT_EQ(list(), std::vector<std::string>());
    const std::string long_id(1'000, 'x');
    const std::vector<std::string> ids = {"a", "$b", "c\nd", "sha256.x", "ünï-1", long_id};
    std::vector<std::string> wanted;
    for (const std::string& id : ids) {
        ASSERT_EQ(save(id, "5").code, testing::kOk) << id;
        EXPECT_EQ(get(id).message.offset(), "5") << id;
        EXPECT_EQ(get(id).message.consumer_id(), id);
        wanted.push_back(id + "@5");
    }
    std::sort(wanted.begin(), wanted.end());
    EXPECT_EQ(list(), wanted);
    server_.reopen();
    service_ = make_consumer_service(server_.consumers(), {});
    EXPECT_EQ(list(), wanted);
}

TEST_F(EskitConsumerTest, IsWellWithAnEmptyMessage) {
    const auto answer = call<consumerstore::HealthResponse>("Healtz", "");
    EXPECT_EQ(answer.code, testing::kOk);
    EXPECT_EQ(answer.message.message(), "");
}

TEST_F(EskitConsumerTest, SharesItsRecordsWithTheOtherDoor) {
    const auto tokens = server_.append_many(3);
    ASSERT_EQ(save("c", "2").code, testing::kOk);
    EXPECT_EQ(server_.consumers().get({}, "c")->position, tokens[1]);
    EXPECT_EQ(server_.consumers().get({}, "c")->behind, 1u);
    ASSERT_TRUE(server_.consumers().save_and_wait({}, {"c", tokens[2], 0}));
    EXPECT_EQ(get("c").message.offset(), "3");
    // Claimed there: nobody else may save. Rewound: whoever starts again may.
    ASSERT_TRUE(server_.consumers().claim({}, {"c", "host-1"}));
    EXPECT_EQ(save("c", "1").code, kAborted);
    ASSERT_TRUE(server_.consumers().rewind({}, {"c", Position(0), "again", ""}));
    EXPECT_EQ(get("c").message.offset(), "0");
    EXPECT_EQ(save("c", "1").code, testing::kOk);
    ASSERT_TRUE(server_.consumers().claim({}, {"fresh", "host-1"}));
    EXPECT_EQ(get("fresh").code, kNotFound) << "no progress yet: begin at the start";
    EXPECT_EQ(list(), std::vector<std::string>({"c@1"}));
}

TEST_F(EskitConsumerTest, RefusesBytesThatAreNoMessage) {
    for (const char* method : {"LogConsume", "GetLogConsume", "List", "Healtz"}) {
        EXPECT_EQ(call<consumerstore::HealthResponse>(method, "\x0A\xFF").code, testing::kInternal)
            << method;
    }
    const std::string large(4'194'305, 'x');
    EXPECT_EQ(
        call<consumerstore::HealthResponse>("LogConsume", large).code, testing::kResourceExhausted
    );
}

}  // namespace
}  // namespace annals::dialect_eskit
