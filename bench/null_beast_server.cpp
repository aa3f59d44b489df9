// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// A null Beast handler: Beast reads the request, the handler makes a response of a string and a few
// header fields, Beast writes it. What a service written with Beast's own means is at best.
//
//     annals_null_beast_server APPEND_BODY READ_BODY THREADS
//
// Both are files with the content of an answer. POST gets the first, GET the second. Connections
// are dealt out to the threads, each with a loop of its own. Prints its port; ends with its
// standard input.

#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

struct Answers {
    std::string append;
    std::string read;
};

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(tcp::socket socket, const Answers& answers)
        : socket_(std::move(socket)), answers_(answers) {
        boost::system::error_code ignored;
        socket_.set_option(tcp::no_delay(true), ignored);
    }

    void read() {
        request_ = {};
        http::async_read(
            socket_,
            buffer_,
            request_,
            [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                if (!error) self->answer();
            }
        );
    }

  private:
    void answer() {
        const bool is_append = request_.method() == http::verb::post;
        response_ = {is_append ? http::status::created : http::status::ok, request_.version()};
        response_.set(http::field::server, "null");
        response_.set(http::field::content_type, "application/json");
        response_.set(http::field::cache_control, "no-store");
        response_.keep_alive(request_.keep_alive());
        response_.body() = is_append ? answers_.append : answers_.read;
        response_.prepare_payload();
        http::async_write(
            socket_,
            response_,
            [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                if (!error && self->response_.keep_alive()) self->read();
            }
        );
    }

    tcp::socket socket_;
    const Answers& answers_;
    boost::beast::flat_buffer buffer_;
    http::request<http::string_body> request_;
    http::response<http::string_body> response_;
};

struct Loop {
    asio::io_context io{1};
    asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(io);
};

using Loops = std::vector<std::unique_ptr<Loop>>;

void accept(tcp::acceptor& acceptor, Loops& loops, std::size_t next, const Answers& answers) {
    acceptor.async_accept(
        loops[next]->io,
        [&, next](const boost::system::error_code& error, tcp::socket socket) {
            const auto connection = std::make_shared<Connection>(std::move(socket), answers);
            if (!error) asio::post(loops[next]->io, [connection] { connection->read(); });
            accept(acceptor, loops, (next + 1) % loops.size(), answers);
        }
    );
}

std::string content_of(const char* path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

int main(int count, char** arguments) {
    const int threads_wanted = count == 4 ? std::atoi(arguments[3]) : 0;
    if (threads_wanted < 1) {
        std::fputs("usage: annals_null_beast_server APPEND_BODY READ_BODY THREADS\n", stderr);
        return 2;
    }
    const Answers answers{content_of(arguments[1]), content_of(arguments[2])};
    Loops loops;
    for (int i = 0; i < threads_wanted; ++i) loops.push_back(std::make_unique<Loop>());
    tcp::acceptor acceptor(loops.front()->io, {asio::ip::address_v4::loopback(), 0});
    accept(acceptor, loops, 0, answers);
    std::printf(
        "null Beast server on port %d\n", static_cast<int>(acceptor.local_endpoint().port())
    );
    std::fflush(stdout);
    std::vector<std::thread> threads;
    for (const auto& loop : loops) threads.emplace_back([&loop] { loop->io.run(); });
    char byte = 0;
    while (::read(STDIN_FILENO, &byte, 1) > 0) {
    }
    for (const auto& loop : loops) loop->io.stop();
    for (std::thread& thread : threads) thread.join();
    return 0;
}
