// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "compression.hpp"

#include <limits>
#include <utility>

#include <boost/beast/core/string.hpp>
#include <zlib.h>

namespace annals::http_door::detail {
namespace {

constexpr std::size_t kWorthBytes = 1'024;
constexpr int kFastest = 1;
constexpr int kMemoryLevel = 8;
constexpr int kGzipWindow = 15 + 16;
constexpr int kZlibWindow = 15;

bool is_text(std::string_view content_type) {
    return content_type.starts_with("text/") || content_type.find("json") != std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
    return text;
}

bool is_refused(std::string_view parameters) {
    const std::size_t at = parameters.find("q=");
    if (at == std::string_view::npos) return false;
    const std::string_view weight = trimmed(parameters.substr(at + 2));
    return weight.find_first_not_of("0.") == std::string_view::npos;
}

/// Empty when it does not get smaller.
std::string deflated(const std::string& content, int window) {
    z_stream stream{};
    if (content.size() > std::numeric_limits<uInt>::max()) return {};
    if (deflateInit2(&stream, kFastest, Z_DEFLATED, window, kMemoryLevel, Z_DEFAULT_STRATEGY) !=
        Z_OK) {
        return {};
    }
    std::string out(content.size(), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const bool is_smaller = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    out.resize(is_smaller ? stream.total_out : 0);
    deflateEnd(&stream);
    return out;
}

}  // namespace

bool accepts_coding(std::string_view accept_encoding, std::string_view coding) {
    bool is_accepted = false;
    while (!accept_encoding.empty()) {
        const std::size_t comma = std::min(accept_encoding.find(','), accept_encoding.size());
        const std::string_view item = accept_encoding.substr(0, comma);
        accept_encoding.remove_prefix(std::min(comma + 1, accept_encoding.size()));
        const std::size_t semicolon = std::min(item.find(';'), item.size());
        const std::string_view name = trimmed(item.substr(0, semicolon));
        if (boost::beast::iequals(name, coding)) return !is_refused(item.substr(semicolon));
        if (name == "*") is_accepted = !is_refused(item.substr(semicolon));
    }
    return is_accepted;
}

void compress(const Request& request, Response& response) {
    if (response.body.size() < kWorthBytes || !is_text(response.content_type)) return;
    response.headers.push_back({"Vary", "Accept-Encoding"});
    const std::string_view accepted = request.header("Accept-Encoding");
    if (accepted.empty()) return;
    const bool is_gzip = accepts_coding(accepted, "gzip");
    if (!is_gzip && !accepts_coding(accepted, "deflate")) return;
    std::string content = deflated(response.body, is_gzip ? kGzipWindow : kZlibWindow);
    if (content.empty()) return;
    response.body = std::move(content);
    response.headers.push_back({"Content-Encoding", is_gzip ? "gzip" : "deflate"});
}

}  // namespace annals::http_door::detail
