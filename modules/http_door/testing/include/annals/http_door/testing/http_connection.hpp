// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <nlohmann/json.hpp>

/// A client that sees bytes.
namespace annals::http_door::testing {

namespace asio = boost::asio;
using asio::ip::tcp;

struct Answer {
    std::string head;  ///< status line and header fields
    std::string body;
    [[nodiscard]] int status() const { return head.size() < 12 ? 0 : std::stoi(head.substr(9, 3)); }
    [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(body); }
    /// Value of a header field, or empty.
    [[nodiscard]] std::string header(const std::string& name) const {
        const std::size_t at = head.find("\r\n" + name + ": ");
        if (at == std::string::npos) return "";
        const std::size_t begin = at + name.size() + 4;
        return head.substr(begin, head.find("\r\n", begin) - begin);
    }
};

/// A client that sends bytes as they are.
class Connection {
  public:
    explicit Connection(int port) : socket_(io_) { connect(port); }
    /// One whose system takes about so many bytes that nobody has read.
    Connection(int port, int receive_bytes) : socket_(io_) {
        socket_.open(tcp::v4());
        socket_.set_option(asio::socket_base::receive_buffer_size(receive_bytes));
        connect(port);
    }

    void send(const std::string& bytes) {
        boost::system::error_code ignored;
        asio::write(socket_, asio::buffer(bytes), ignored);
    }

    /// The next answer; `has_body` false for answers to HEAD. Status 0 when the connection ended.
    Answer receive(bool has_body = true) {
        boost::system::error_code error;
        const std::size_t size = asio::read_until(
            socket_, asio::dynamic_buffer(received_), "\r\n\r\n", error
        );
        if (error) return {};
        Answer answer{received_.substr(0, size), ""};
        received_.erase(0, size);
        const std::size_t at = answer.head.find("Content-Length: ");
        if (!has_body || at == std::string::npos) return answer;
        const auto length = static_cast<std::size_t>(std::stoul(answer.head.substr(at + 16)));
        if (received_.size() < length) {
            asio::read(
                socket_,
                asio::dynamic_buffer(received_),
                asio::transfer_exactly(length - received_.size()),
                error
            );
        }
        answer.body = received_.substr(0, length);
        received_.erase(0, length);
        return answer;
    }

    Answer get(const std::string& path, const std::string& header_lines = "") {
        send("GET " + path + " HTTP/1.1\r\nHost: x\r\n" + header_lines + "\r\n");
        return receive();
    }

    /// Any method, with content.
    Answer ask(
        const std::string& method,
        const std::string& path,
        const std::string& body = "",
        const std::string& header_lines = ""
    ) {
        send(
            method + " " + path + " HTTP/1.1\r\nHost: x\r\n" + header_lines +
            "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body
        );
        return receive();
    }

    /// Reads until the text has come (inclusive); what came, also when the connection ended first.
    std::string read_until(const std::string& text) {
        boost::system::error_code error;
        const std::size_t size = boost::asio::read_until(
            socket_, asio::dynamic_buffer(received_), text, error
        );
        return error ? std::exchange(received_, "") : take(size);
    }

    /// Waits for the other side to close.
    bool is_closed() {
        boost::system::error_code error;
        asio::read(socket_, asio::dynamic_buffer(received_), error);
        return error == asio::error::eof || error == asio::error::connection_reset;
    }

  private:
    void connect(int port) {
        socket_.connect({asio::ip::address_v4::loopback(), static_cast<unsigned short>(port)});
    }

    std::string take(std::size_t size) {
        std::string text = received_.substr(0, size);
        received_.erase(0, size);
        return text;
    }

    asio::io_context io_;
    tcp::socket socket_;
    std::string received_;
};

}  // namespace annals::http_door::testing
