// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "request_guard.hpp"

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <boost/beast/core/string.hpp>
#include <gtest/gtest.h>

namespace annals::http_door::detail {
namespace {

class Fields final : public HeaderFields {
  public:
    Fields(std::initializer_list<Header> fields) : fields_(fields) {}

    [[nodiscard]] std::string_view find(std::string_view name) const override {
        for (const Header& field : fields_) {
            if (boost::beast::iequals(field.name, name)) return field.value;
        }
        return {};
    }
    void for_each(VisitField visit) const override {
        for (const Header& field : fields_) visit(field.name, field.value);
    }

  private:
    const std::vector<Header> fields_;
};

/// 0: it is taken.
int transfer_status(const Fields& fields, bool is_http_1_0 = false) {
    const auto refusal = refused_transfer_coding(fields, is_http_1_0);
    return refusal ? refusal->status : 0;
}

TEST(TransferCoding, IsChunkedOrNone) {
    EXPECT_EQ(transfer_status({{"Host", "x"}}), 0);
    EXPECT_EQ(transfer_status({{"Transfer-Encoding", "chunked"}}), 0);
    EXPECT_EQ(transfer_status({{"transfer-encoding", " ,\tChunked ,"}}), 0);
    for (const std::string other :
         {"gzip", "gzip, chunked", "chunked, gzip", "identity", "chunke", "chunked;a=b", "x"}) {
        EXPECT_EQ(transfer_status({{"Transfer-Encoding", other}}), 501) << other;
        EXPECT_EQ(transfer_status({{"Transfer-Encoding", other}}, true), 501) << other;
    }
    EXPECT_EQ(
        transfer_status({{"Transfer-Encoding", "gzip"}, {"Transfer-Encoding", "chunked"}}), 501
    );
    for (const std::string none : {"", " , ", "chunked, chunked"}) {
        EXPECT_EQ(transfer_status({{"Transfer-Encoding", none}}), 400) << none;
    }
    EXPECT_EQ(transfer_status({{"Transfer-Encoding", "chunked"}}, true), 400);
}

TEST(ContentCoding, OfContentIsNone) {
    const auto status = [](std::initializer_list<Header> list) {
        const Fields fields(list);
        Request request;
        request.method = "POST";
        request.fields = &fields;
        const auto refusal = refused_at_the_door(request, {});
        return refusal ? refusal->status : 0;
    };
    EXPECT_EQ(status({{"Content-Encoding", "identity"}}), 0);
    EXPECT_EQ(status({{"Content-Encoding", "br"}}), 415);
    EXPECT_EQ(status({{"Content-Encoding", "identity, gzip"}}), 415);
    EXPECT_EQ(status({{"Content-Encoding", "identity"}, {"Content-Encoding", "gzip"}}), 415);
}

TEST(RequestOrigin, IsTheServersOwnOrOneThatIsAllowed) {
    const std::vector<std::string> allowed{"https://shop.example"};
    EXPECT_TRUE(is_allowed_origin("", "x:1", allowed)) << "no browser";
    EXPECT_TRUE(is_allowed_origin("http://x:1", "x:1", allowed));
    EXPECT_TRUE(is_allowed_origin("https://shop.example", "x:1", allowed));
    EXPECT_FALSE(is_allowed_origin("https://shop.example.evil", "x:1", allowed));
    EXPECT_FALSE(is_allowed_origin("http://x:2", "x:1", allowed));
    EXPECT_FALSE(is_allowed_origin("null", "x:1", allowed));
    EXPECT_FALSE(is_allowed_origin("http://", "", allowed));
}

}  // namespace
}  // namespace annals::http_door::detail
