// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "session.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <tuple>
#include <utility>

#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/error.hpp>

#include "annals/base/assert.hpp"

#include "compression.hpp"
#include "request_guard.hpp"
#include "transfer_time.hpp"

namespace annals::http_door::detail {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr std::size_t kReadBytes = 4'096;
constexpr std::size_t kReadBodyBytes = 64u << 10u;
constexpr std::size_t kSmallBodyBytes = 64u << 10u;
constexpr std::size_t kLingerBytesMax = 256u << 10u;
constexpr std::chrono::milliseconds kLingerTimeout{1'000};

/// "Fri, 21 Nov 2025 13:00:00 GMT", made once a second for each thread.
const std::string& http_date() {
    static thread_local std::string date;
    static thread_local std::time_t made = 0;
    const std::time_t now = std::time(nullptr);
    if (now == made) return date;
    std::array<char, 32> text{};
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    const std::size_t size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %T GMT", &utc);
    date.assign(text.data(), size);
    made = now;
    return date;
}

/// What the other side is told about bytes that are no request; nothing when nobody listens any
/// more.
std::optional<Response> answer_to(
    const boost::system::error_code& error, const HttpDoorOptions& options
) {
    if (error == http::error::end_of_stream || error == http::error::partial_message) return {};
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        const std::string max = std::to_string(options.header_bytes_max);
        return problem(
            431, "a request's line and header fields have at most " + max + " bytes", Request()
        );
    }
    if (error == http::error::body_limit) {
        const std::string max = std::to_string(options.body_bytes_max);
        return problem(413, "a request's content has at most " + max + " bytes", Request());
    }
    if (error == http::error::bad_version)
        return problem(505, "this door speaks HTTP/1.1", Request());
    if (error.category() == make_error_code(http::error::bad_method).category()) {
        return problem(400, "this is not an HTTP/1.1 request: " + error.message(), Request());
    }
    return {};
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
}

void append_decimal(std::string& out, std::size_t number, int base = 10) {
    std::array<char, 24> text{};
    const auto [end, ignored] = std::to_chars(text.data(), text.data() + text.size(), number, base);
    out.append(text.data(), end);
}

}  // namespace

Session::Session(Socket socket, SessionContext& context)
    : socket_(std::move(socket)),
      context_(context),
      buffer_(std::max(context.options.header_bytes_max, kReadBodyBytes) + kReadBytes) {
    boost::system::error_code ignored;
    socket_.non_blocking(true, ignored);
}

void Session::start() {
    set_deadline(context_.options.idle_timeout);
    read_more();
}

void Session::refuse() {
    keeps_alive_ = false;
    if (send(problem(
            Error(ErrorCode::kUnavailable, "the door has as many connections as it takes"),
            Request()
        ))) {
        close();
    }
}

void Session::drain() {
    is_draining_ = true;
    if (state_ == State::kIdle) {
        close();
        return;
    }
    end_feed();
}

void Session::end_feed() {
    if (feed_) feed_->drain();
    if (upgrade_) upgrade_->drain();
}

void Session::close() {
    if (state_ == State::kUpgraded) {
        if (upgrade_) upgrade_->close();
        return;
    }
    if (state_ == State::kAnswering) {
        // A route has the request: the answer comes, finds the socket closed and ends it all.
        boost::system::error_code ignored;
        socket_.close(ignored);
        return;
    }
    if (state_ == State::kClosed) return;
    state_ = State::kClosed;
    deadline_ = TimePoint::max();
    boost::system::error_code ignored;
    socket_.close(ignored);
    if (const auto feed = std::exchange(feed_, nullptr)) feed->close();
    body_bytes_ = {};
    context_.on_over(*this);
}

void Session::tick(TimePoint now) {
    if (feed_ && state_ == State::kFeeding) feed_->tick(now);
    if (upgrade_ && state_ == State::kUpgraded) {
        upgrade_->tick(now);
        return;
    }
    if (now < deadline_) return;
    if (state_ == State::kReceiving) {
        // The read ends with an error, and 408 can still be sent.
        is_too_late_ = true;
        boost::system::error_code ignored;
        socket_.cancel(ignored);
        return;
    }
    close();
}

void Session::set_deadline(std::chrono::milliseconds after) {
    deadline_ = std::chrono::steady_clock::now() + after;
}

// --- reading

void Session::read_more() {
    const bool is_body = parser_ && parser_->is_header_done();
    const auto space = buffer_.prepare(is_body ? kReadBodyBytes : kReadBytes);
    socket_.async_read_some(
        space,
        [self = shared_from_this()](const ErrorCodeOf& error, std::size_t bytes) {
            self->on_read(error, bytes);
        }
    );
}

void Session::on_read(const ErrorCodeOf& error, std::size_t bytes) {
    if (state_ == State::kClosed) return;
    if (is_too_late_) {
        keeps_alive_ = false;
        if (send(problem(408, "the request did not arrive in time", Request()))) close();
        return;
    }
    if (error) {
        close();
        return;
    }
    buffer_.commit(bytes);
    pump();
}

void Session::pump() {
    // Shared: an answer may close the connection.
    const auto self = shared_from_this();
    while (true) {
        switch (parse()) {
            case Parsed::kNeedsMore:
                read_more();
                return;
            case Parsed::kEnd:
                close();
                return;
            case Parsed::kAnswered:
                return;
            case Parsed::kRequest:
                break;
        }
        dispatch();
        if (!is_answered_at_once_) return;
        if (!send(std::move(response_))) return;
    }
}

Session::Parsed Session::parse() {
    if (buffer_.size() == 0) return Parsed::kNeedsMore;
    if (!parser_) {
        state_ = State::kReceiving;
        set_deadline(context_.options.request_timeout);
        fields_.release();
        parser_.emplace(
            std::piecewise_construct, std::make_tuple(), std::make_tuple(FieldAllocator(&fields_))
        );
        parser_->eager(true);
        parser_->header_limit(static_cast<std::uint32_t>(context_.options.header_bytes_max));
        parser_->body_limit(context_.options.body_bytes_max);
        is_header_checked_ = false;
    }
    ErrorCodeOf error;
    while (!parser_->is_done() && buffer_.size() > 0) {
        const std::size_t used = parser_->put(buffer_.data(), error);
        buffer_.consume(used);
        if (error == http::error::need_more) {
            if (buffer_.size() >= context_.options.header_bytes_max && used == 0) {
                error = http::error::header_limit;
            } else {
                error = {};
                break;
            }
        }
        if (error) {
            auto answer = answer_to(error, context_.options);
            return answer ? refuse_request(std::move(*answer)) : Parsed::kEnd;
        }
    }
    if (parser_->is_header_done() && !is_header_checked_) {
        // The parser passes over codings that it does not know, and what follows would be taken
        // for another request.
        auto refusal = refused_transfer_coding(*this, parser_->get().version() < 11);
        if (refusal) return refuse_request(std::move(*refusal));
    }
    if (parser_->is_done()) return Parsed::kRequest;
    return parser_->is_header_done() && !is_header_checked_ ? on_header() : Parsed::kNeedsMore;
}

Session::Parsed Session::on_header() {
    is_header_checked_ = true;
    const auto length = parser_->content_length();
    // What has no length may become as long as is allowed.
    const std::size_t bytes = length ? static_cast<std::size_t>(*length)
                                     : context_.options.body_bytes_max;
    if (bytes > kSmallBodyBytes) {
        body_bytes_ = context_.bodies.take(bytes);
        if (!body_bytes_) {
            return refuse_request(problem(
                Error(
                    ErrorCode::kOverloaded,
                    "the server receives as much as it takes at a time: send it again later"
                ),
                Request()
            ));
        }
        // Large content may take longer, but nobody may send slower than this.
        const auto more = transfer_time(bytes);
        set_deadline(context_.options.request_timeout + more);
    }
    if (beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
        static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
        ErrorCodeOf ignored;
        // Some bytes always fit; a caller who reads none waits for his own time-out.
        (void)socket_.write_some(asio::buffer(kContinue), ignored);
    }
    return Parsed::kNeedsMore;
}

Session::Parsed Session::refuse_request(Response response) {
    keeps_alive_ = false;
    is_head_ = false;
    version_ = 11;
    request_ = {};
    if (send(std::move(response))) return Parsed::kEnd;
    return Parsed::kAnswered;
}

void Session::dispatch() {
    auto& message = parser_->get();
    version_ = message.version() >= 11 ? 11 : 10;
    is_head_ = message.method() == http::verb::head;
    keeps_alive_ = message.keep_alive() && !is_draining_;
    state_ = State::kAnswering;
    deadline_ = TimePoint::max();
    dispatched_ = std::chrono::steady_clock::now();
    is_answered_at_once_ = false;
    request_ = {};
    request_.fields = this;
    is_dispatching_ = true;
    auto target = parse_target(message.target());
    if (message.version() >= 11 && message[http::field::host].empty()) {
        answer(problem(400, "HTTP/1.1 requires the header field Host", request_));
    } else if (!target) {
        answer(problem(400, "the request's target is not a path", request_));
    } else {
        request_.method = message.method_string();
        request_.path = std::move(target->path);
        request_.sent_path = std::move(target->sent_path);
        request_.segments = std::move(target->segments);
        request_.query = std::move(target->query);
        request_.body = std::move(message.body());
        context_.router.dispatch(*this);
    }
    is_dispatching_ = false;
}

std::string_view Session::find(std::string_view name) const {
    const auto& fields = parser_->get();
    const auto found = fields.find(beast::string_view(name.data(), name.size()));
    if (found == fields.end()) return {};
    return {found->value().data(), found->value().size()};
}

void Session::for_each(VisitField visit) const {
    for (const auto& field : parser_->get()) {
        const auto name = field.name_string();
        const auto value = field.value();
        visit({name.data(), name.size()}, {value.data(), value.size()});
    }
}

// --- answering

void Session::answer(Response response) {
    response_ = std::move(response);
    if (context_.is_own_thread() && is_dispatching_) {
        is_answered_at_once_ = true;
        return;
    }
    context_.mailbox.post(*this);
}

void Session::run() {
    const auto self = shared_from_this();
    if (send(std::move(response_))) pump();
}

bool Session::send(Response response) {
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - dispatched_;
    context_.on_answer(response.status, taken.count());
    body_bytes_ = {};
    if (!socket_.is_open()) {
        state_ = State::kWriting;
        if (response.feed) response.feed->close();
        close();
        return false;
    }
    if (response.upgrade && version_ == 10) {
        response = upgrade_required("a websocket is opened with HTTP/1.1", request_);
    }
    if (response.upgrade) {
        upgrade_ = std::move(response.upgrade);
        start_upgrade();
        return false;
    }
    keeps_alive_ = keeps_alive_ && !is_draining_;
    response_ = std::move(response);
    feed_ = std::move(response_.feed);
    compose_head(response_);
    unwritten_ = {
        asio::buffer(head_), is_head_ ? asio::const_buffer() : asio::buffer(response_.body)
    };
    state_ = State::kWriting;
    const std::size_t bytes = head_.size() + response_.body.size();
    set_deadline(context_.options.write_timeout + transfer_time(bytes));
    return write();
}

void Session::compose_head(const Response& response) {
    head_.clear();
    head_ += version_ == 11 ? "HTTP/1.1 " : "HTTP/1.0 ";
    append_decimal(head_, static_cast<std::size_t>(response.status));
    head_ += ' ';
    head_ += status_phrase(response.status);
    head_ += "\r\n";
    append_header(head_, "Date", http_date());
    append_header(head_, "Server", context_.server_name);
    if (!response.content_type.empty()) append_header(head_, "Content-Type", response.content_type);
    append_header(head_, "Cache-Control", "no-store");
    append_header(head_, "X-Content-Type-Options", "nosniff");
    for (const Header& header : response.headers) append_header(head_, header.name, header.value);
    if (feed_) {
        // HTTP/1.0 knows no chunks: the end of the connection is the end of the content.
        if (version_ == 11) append_header(head_, "Transfer-Encoding", "chunked");
        if (version_ == 10) keeps_alive_ = false;
    } else if (response.status != 204 && response.status != 304) {
        head_ += "Content-Length: ";
        append_decimal(head_, response.body.size());
        head_ += "\r\n";
    }
    if (version_ == 11 && !keeps_alive_) append_header(head_, "Connection", "close");
    if (version_ == 10 && keeps_alive_) append_header(head_, "Connection", "keep-alive");
    head_ += "\r\n";
}

bool Session::write() {
    while (unwritten_[0].size() + unwritten_[1].size() > 0) {
        ErrorCodeOf error;
        const std::size_t bytes = socket_.write_some(unwritten_, error);
        if (error == asio::error::would_block || error == asio::error::try_again) {
            socket_.async_write_some(
                unwritten_,
                [self = shared_from_this()](const ErrorCodeOf& failed, std::size_t n) {
                    self->on_written(failed, n);
                }
            );
            return false;
        }
        if (error) {
            close();
            return false;
        }
        const std::size_t of_first = std::min(bytes, unwritten_[0].size());
        unwritten_[0] += of_first;
        unwritten_[1] += bytes - of_first;
    }
    return after_write();
}

void Session::on_written(const ErrorCodeOf& error, std::size_t bytes) {
    if (state_ == State::kClosed) return;
    if (error) {
        close();
        return;
    }
    const std::size_t of_first = std::min(bytes, unwritten_[0].size());
    unwritten_[0] += of_first;
    unwritten_[1] += bytes - of_first;
    if (write()) pump();
}

bool Session::after_write() {
    if (feed_) {
        if (state_ == State::kWriting) {
            if (!is_head_) {
                start_feed();
                return false;
            }
            std::exchange(feed_, nullptr)->close();
        } else if (!is_last_piece_) {
            deadline_ = TimePoint::max();
            feed_->want_more();
            return false;
        } else {
            // Its reading side is watched: no further request on this connection.
            linger();
            return false;
        }
    }
    parser_.reset();
    request_ = {};
    if (!keeps_alive_ || is_draining_) {
        linger();
        return false;
    }
    state_ = State::kIdle;
    set_deadline(context_.options.idle_timeout);
    return true;
}

void Session::linger() {
    if (const auto feed = std::exchange(feed_, nullptr)) feed->close();
    const bool is_read = state_ == State::kFeeding;
    state_ = State::kLingering;
    set_deadline(kLingerTimeout);
    ErrorCodeOf failed;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, failed);
    if (failed) {
        close();
        return;
    }
    // Unread bytes would make the system reset the connection, which can overtake the answer.
    if (!is_read) read_to_end();
}

void Session::read_to_end() {
    buffer_.clear();
    socket_.async_read_some(
        buffer_.prepare(kReadBytes),
        [self = shared_from_this()](const ErrorCodeOf& error, std::size_t bytes) {
            if (self->state_ == State::kClosed) return;
            self->lingered_bytes_ += bytes;
            if (error || self->lingered_bytes_ > kLingerBytesMax) {
                self->close();
            } else {
                self->read_to_end();
            }
        }
    );
}

void Session::start_upgrade() {
    state_ = State::kUpgraded;
    deadline_ = TimePoint::max();
    const auto& request = parser_->get();
    http::request<http::string_body> message(request.method(), request.target(), request.version());
    for (const auto& field : request) message.insert(field.name_string(), field.value());
    if (is_draining_) upgrade_->drain();
    upgrade_->start(std::move(socket_), std::move(message), [self = shared_from_this()] {
        if (self->state_ == State::kClosed) return;
        self->state_ = State::kClosed;
        self->upgrade_.reset();
        self->context_.on_over(*self);
    });
}

// --- feeding

void Session::start_feed() {
    state_ = State::kFeeding;
    deadline_ = TimePoint::max();
    watch_peer();
    feed_->start(*this);
    if (feed_ && is_draining_) feed_->drain();
}

/// The only way to hear that a reader has gone who says nothing.
void Session::watch_peer() {
    buffer_.clear();
    socket_.async_read_some(
        buffer_.prepare(kReadBytes),
        [self = shared_from_this()](const ErrorCodeOf& error, std::size_t bytes) {
            if (self->state_ == State::kClosed) return;
            self->lingered_bytes_ += bytes;
            if (error || self->lingered_bytes_ > kLingerBytesMax) {
                self->close();
            } else {
                self->watch_peer();
            }
        }
    );
}

void Session::write(std::string piece, bool is_last) {
    is_last_piece_ = is_last;
    if (version_ == 11) {
        head_.clear();
        if (!piece.empty()) {
            append_decimal(head_, piece.size(), 16);
            head_ += "\r\n";
            piece += "\r\n";
        }
        if (is_last) piece += "0\r\n\r\n";
    } else {
        head_.clear();
    }
    piece_ = std::move(piece);
    unwritten_ = {asio::buffer(head_), asio::buffer(piece_)};
    set_deadline(context_.options.write_timeout + transfer_time(piece_.size()));
    (void)write();
}

}  // namespace annals::http_door::detail
