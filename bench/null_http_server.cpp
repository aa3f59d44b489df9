// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// The ceiling of the HTTP figures: Beast parses, one thread polls, the answer is bytes that are
// there already. Reads and writes are tried at once, as the door does it.
//
//     annals_null_http_server APPEND_ANSWER READ_ANSWER
//
// Both are files with whole answers, header fields too. POST gets the first, GET the second. GET
// /feed is a feed: it gets each piece that POST /publish brings, as a chunk. Prints its port; ends
// with its standard input.

#include <unistd.h>

#include <array>
#include <cstdio>
#include <deque>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using Piece = std::shared_ptr<const std::string>;

constexpr std::size_t kReadBytes = 4'096;
constexpr std::uint64_t kBodyBytesMax = 64u << 20u;

class Connection;

struct Shared {
    Piece append_answer;
    Piece read_answer;
    Piece feed_head = std::make_shared<const std::string>(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        "d\r\nretry: 1000\n\n\r\n"
    );
    Piece published = std::make_shared<const std::string>("HTTP/1.1 204 No Content\r\n\r\n");
    std::set<std::shared_ptr<Connection>> feeds;
};

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(tcp::socket socket, Shared& shared) : socket_(std::move(socket)), shared_(shared) {
        boost::system::error_code ignored;
        socket_.set_option(tcp::no_delay(true), ignored);
        socket_.non_blocking(true, ignored);
    }

    void read() {
        socket_.async_read_some(
            buffer_.prepare(kReadBytes),
            [self = shared_from_this()](const boost::system::error_code& error, std::size_t bytes) {
                if (error) {
                    self->shared_.feeds.erase(self);
                    return;
                }
                self->buffer_.commit(bytes);
                self->parse();
            }
        );
    }

    void send(Piece piece) {
        unsent_.push_back(std::move(piece));
        if (unsent_.size() == 1) write();
    }

  private:
    void parse() {
        while (buffer_.size() > 0) {
            if (!parser_) {
                parser_.emplace();
                parser_->eager(true);
                parser_->body_limit(kBodyBytesMax);
            }
            boost::system::error_code error;
            buffer_.consume(parser_->put(buffer_.data(), error));
            if (error == http::error::need_more) break;
            if (error) return;
            if (!parser_->is_done()) continue;
            answer();
            parser_.reset();
        }
        read();
    }

    void answer() {
        const auto& request = parser_->get();
        if (request.target() == "/feed") {
            shared_.feeds.insert(shared_from_this());
            send(shared_.feed_head);
        } else if (request.target() == "/publish") {
            std::array<char, 24> size{};
            std::snprintf(size.data(), size.size(), "%zx\r\n", request.body().size());
            const auto chunk = std::make_shared<const std::string>(
                size.data() + request.body() + "\r\n"
            );
            for (const auto& feed : shared_.feeds) feed->send(chunk);
            send(shared_.published);
        } else {
            send(
                request.method() == http::verb::post ? shared_.append_answer : shared_.read_answer
            );
        }
    }

    void write() {
        while (!unsent_.empty()) {
            boost::system::error_code error;
            const auto rest = asio::buffer(*unsent_.front()) + sent_;
            sent_ += socket_.write_some(rest, error);
            if (error == asio::error::would_block) {
                socket_.async_wait(
                    tcp::socket::wait_write,
                    [self = shared_from_this()](const boost::system::error_code& failed) {
                        if (!failed) self->write();
                    }
                );
                return;
            }
            if (error) return;
            if (sent_ < unsent_.front()->size()) continue;
            unsent_.pop_front();
            sent_ = 0;
        }
    }

    tcp::socket socket_;
    Shared& shared_;
    boost::beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::string_body>> parser_;
    std::deque<Piece> unsent_;
    std::size_t sent_ = 0;
};

void accept(tcp::acceptor& acceptor, Shared& shared) {
    acceptor.async_accept([&](const boost::system::error_code& error, tcp::socket socket) {
        if (!error) std::make_shared<Connection>(std::move(socket), shared)->read();
        accept(acceptor, shared);
    });
}

Piece content_of(const char* path) {
    std::ifstream file(path, std::ios::binary);
    return std::make_shared<const std::string>(
        std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()
    );
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 3) {
        std::fputs("usage: annals_null_http_server APPEND_ANSWER READ_ANSWER\n", stderr);
        return 2;
    }
    asio::io_context io(1);
    Shared shared;
    shared.append_answer = content_of(arguments[1]);
    shared.read_answer = content_of(arguments[2]);
    tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
    accept(acceptor, shared);
    std::printf(
        "null HTTP server on port %d\n", static_cast<int>(acceptor.local_endpoint().port())
    );
    std::fflush(stdout);
    std::thread watcher([&io] {
        char byte = 0;
        while (::read(STDIN_FILENO, &byte, 1) > 0) {
        }
        io.stop();
    });
    io.run();
    watcher.join();
    return 0;
}
