// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "compression.hpp"

#include <string>

#include <gtest/gtest.h>
#include <zlib.h>

namespace annals::http_door::detail {
namespace {

/// Header fields of one name.
class OneField final : public HeaderFields {
  public:
    explicit OneField(std::string value) : value_(std::move(value)) {}
    [[nodiscard]] std::string_view find(std::string_view name) const override {
        return name == "Accept-Encoding" ? std::string_view(value_) : std::string_view();
    }
    void for_each(VisitField visit) const override { visit("Accept-Encoding", value_); }

  private:
    std::string value_;
};

Response compressed(const std::string& accepted, const std::string& body) {
    const OneField fields(accepted);
    Request request;
    request.fields = &fields;
    Response response = json_response(200, body);
    compress(request, response);
    return response;
}

std::string header_of(const Response& response, std::string_view name) {
    for (const Header& header : response.headers) {
        if (header.name == name) return header.value;
    }
    return "";
}

std::string inflated(const std::string& bytes) {
    std::string out(1u << 20u, '\0');
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 15 + 32), Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    inflateEnd(&stream);
    return out;
}

TEST(Compression, KnowsWhatIsAccepted) {
    EXPECT_TRUE(accepts_coding("gzip", "gzip"));
    EXPECT_TRUE(accepts_coding("br, GZip;q=0.5", "gzip"));
    EXPECT_TRUE(accepts_coding("*", "gzip"));
    EXPECT_FALSE(accepts_coding("*, gzip;q=0", "gzip"));
    EXPECT_FALSE(accepts_coding("gzip;q=0.000", "gzip"));
    EXPECT_TRUE(accepts_coding("gzip;q=0.001", "gzip"));
    EXPECT_FALSE(accepts_coding("xgzip", "gzip"));
    EXPECT_FALSE(accepts_coding("", "gzip"));
}

TEST(Compression, GivesBackTheSameContentInBothCodings) {
    const std::string body(5'000, 'x');
    for (const char* coding : {"gzip", "deflate"}) {
        const Response response = compressed(coding, body);
        EXPECT_EQ(header_of(response, "Content-Encoding"), coding);
        EXPECT_LT(response.body.size(), 100u);
        EXPECT_EQ(inflated(response.body), body);
    }
}

TEST(Compression, LeavesWhatIsSmallOrDoesNotGetSmaller) {
    EXPECT_EQ(compressed("gzip", std::string(1'023, 'x')).body.size(), 1'023u);
    std::string noise;
    std::uint32_t seed = 1;
    for (int i = 0; i < 4'000; ++i) {
        seed = seed * 1'664'525u + 1'013'904'223u;
        noise.push_back(static_cast<char>(seed >> 24u));
    }
    const Response response = compressed("gzip", noise);
    EXPECT_EQ(response.body, noise);
    EXPECT_EQ(header_of(response, "Content-Encoding"), "");
    EXPECT_EQ(header_of(response, "Vary"), "Accept-Encoding");
}

}  // namespace
}  // namespace annals::http_door::detail
