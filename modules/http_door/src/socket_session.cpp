// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "socket_session.hpp"

#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/field.hpp>

#include "annals/json_events/event_json.hpp"
#include "annals/json_events/json_text.hpp"
#include "annals/json_events/removed_json.hpp"

#include "frame_kinds.hpp"
#include "message.hpp"
#include "sent_names.hpp"
#include "transfer_time.hpp"

namespace annals::http_door::detail {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;

constexpr std::chrono::seconds kHandshakeTimeout{10};

/// `{"op":"events","id":"a"` and what is common to all messages of a subscription.
void begin_message(std::string& text, SocketOp op, const std::string& id) {
    text += "{\"op\":\"";
    text += name_of(op);
    text += "\",\"id\":";
    json_events::append_string(text, id);
}

/// The position, and what was removed on the way to it.
void end_message(
    std::string& text,
    const std::string& position,
    const std::vector<api::RemovedEvents>& removed = {}
) {
    if (!removed.empty()) {
        text += ",\"removed\":";
        json_events::append_removed(text, removed);
    }
    text += ",\"position\":\"";
    text += position;
    text += "\"}\n";
}

/// A frame as messages; a line each, for a fetch may have several.
Status append_frame(
    const api::SubscriptionFrame& frame,
    std::string& text,
    const std::string& id,
    json_events::EventFormat format,
    const std::string& name_space
) {
    if (!frame.events.empty()) {
        begin_message(text, SocketOp::kEvents, id);
        text += ",\"events\":";
        ANNALS_CHECK(json_events::append_events(text, frame.events, format, name_space));
        end_message(text, frame.position, frame.removed);
    }
    if (frame.mark != api::SubscriptionMark::kNone) {
        begin_message(text, SocketOp::kMark, id);
        text += ",\"mark\":\"";
        text += name_of(kind_of(frame.mark));
        text += '"';
        const bool is_told = !frame.events.empty();
        end_message(
            text, frame.position, is_told ? std::vector<api::RemovedEvents>() : frame.removed
        );
    }
    return ok();
}

}  // namespace

SocketSession::SocketSession(
    Desk& desk, std::string name_space, std::string trace_id, bool names_protocol
)
    : desk_(desk),
      name_space_(std::move(name_space)),
      trace_id_(std::move(trace_id)),
      names_protocol_(names_protocol),
      buffer_(kMessageBytesMax + 1'024) {}

SocketSession::~SocketSession() = default;

void SocketSession::start(Socket socket, HttpRequest request, std::function<void()> is_over) {
    request_ = std::move(request);
    is_over_ = std::move(is_over);
    stream_.emplace(std::move(socket));
    websocket::stream_base::timeout timeout{};
    timeout.handshake_timeout = kHandshakeTimeout;
    timeout.idle_timeout = desk_.options.socket_idle_timeout;
    timeout.keep_alive_pings = true;
    stream_->set_option(timeout);
    stream_->read_message_max(kMessageBytesMax);
    stream_->text(true);
    stream_->set_option(websocket::stream_base::decorator([this](websocket::response_type& response
                                                          ) {
        if (!names_protocol_) return;
        response.set(
            beast::http::field::sec_websocket_protocol,
            beast::string_view(kProtocol.data(), kProtocol.size())
        );
    }));
    stream_->async_accept(
        request_,
        [self = shared_from_this()](const boost::system::error_code& error) {
            if (error) {
                self->over();
                return;
            }
            self->is_open_ = true;
            self->read();
            self->write();
        }
    );
}

void SocketSession::tick(std::chrono::steady_clock::time_point now) {
    // The handshake and a silent client have time-outs of their own; one that talks and does not
    // read has only this.
    if (is_writing_ && now > write_until_) close();
}

void SocketSession::drain() { close_with(CloseCode::kShuttingDown, "the server is stopping"); }

void SocketSession::close() {
    if (!stream_) return;
    boost::system::error_code ignored;
    stream_->next_layer().close(ignored);
}

// --- what the client says

void SocketSession::read() {
    stream_->async_read(
        buffer_,
        [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
            if (error) {
                self->over();
                return;
            }
            self->on_message();
            self->read();
        }
    );
}

void SocketSession::on_message() {
    const auto bytes = buffer_.data();
    std::string text(static_cast<const char*>(bytes.data()), bytes.size());
    buffer_.clear();
    if (is_closing_) return;
    if (!stream_->got_text()) {
        close_with(CloseCode::kNotUnderstood, "messages are text");
        return;
    }
    std::string id;
    Result<json_events::SocketMessage> message = json_events::parse_socket_message(
        std::move(text), id
    );
    if (message) {
        handle(std::move(*message));
    } else if (id.empty()) {
        close_with(CloseCode::kNotUnderstood, message.error().message());
    } else {
        answer_error(id, message.error());
    }
}

void SocketSession::handle(json_events::SocketMessage message) {
    using json_events::CreditMessage;
    using json_events::SubscribeMessage;
    using json_events::UnsubscribeMessage;
    const std::string& id = message.id;
    if (auto* wanted = std::get_if<SubscribeMessage>(&message.body)) {
        subscribe(id, std::move(*wanted));
    } else if (const auto* credit = std::get_if<CreditMessage>(&message.body)) {
        add_credit(id, credit->events);
    } else if (std::holds_alternative<UnsubscribeMessage>(message.body)) {
        unsubscribe(id);
    } else {
        answer(SocketOp::kPong, id);
    }
}

void SocketSession::subscribe(const std::string& id, json_events::SubscribeMessage message) {
    if (subscriptions_.contains(id)) {
        answer_error(
            id,
            Error(
                ErrorCode::kInvalidArgument,
                "a subscription has this id already: unsubscribe it first, or take another id"
            )
                .with("field", "id")
                .with("value", id)
        );
        return;
    }
    if (subscriptions_.size() >= desk_.options.socket_subscriptions_max) {
        close_with(CloseCode::kTooMany, "too many subscriptions: open another websocket");
        return;
    }
    Result<StoreLease> lease = desk_.gate.enter();
    if (!lease) {
        answer_error(id, lease.error());
        return;
    }
    const std::string name = message.name_space.empty() ? name_space_ : message.name_space;
    Subscription& subscription = subscriptions_[id];
    subscription.credit = message.credit;
    subscription.pump = std::make_shared<SubscriptionPump>(
        desk_,
        std::move(*lease),
        [id, name, format = message.format](
            const api::SubscriptionFrame& frame, std::string& text
        ) { return append_frame(frame, text, id, format, name); },
        [self = shared_from_this(), id](Fetched fetched) {
            self->on_fetched(id, std::move(fetched));
        }
    );
    answer(SocketOp::kSubscribed, id);
    if (is_closing_) return;
    subscription.pump->start(
        {name, std::move(message.request), std::move(message.resume), subscription.credit}
    );
}

void SocketSession::add_credit(const std::string& id, std::uint64_t events) {
    const auto found = subscriptions_.find(id);
    if (found == subscriptions_.end()) {
        answer_error(
            id,
            Error(ErrorCode::kInvalidArgument, "no subscription has this id: subscribe first")
                .with("field", "id")
                .with("value", id)
        );
        return;
    }
    Subscription& subscription = found->second;
    subscription.credit = std::min(subscription.credit + events, json_events::kCreditMax);
    let_fetch(subscription);
}

void SocketSession::unsubscribe(const std::string& id) {
    end(id);
    answer(SocketOp::kUnsubscribed, id);
}

void SocketSession::end(const std::string& id) {
    const auto found = subscriptions_.find(id);
    if (found == subscriptions_.end()) return;
    const std::shared_ptr<SubscriptionPump> pump = std::move(found->second.pump);
    subscriptions_.erase(found);
    pump->close();
}

// --- what the server says

void SocketSession::on_fetched(const std::string& id, Fetched fetched) {
    const auto found = subscriptions_.find(id);
    if (found == subscriptions_.end() || is_closing_) return;
    Subscription& subscription = found->second;
    subscription.credit -= std::min<std::uint64_t>(subscription.credit, fetched.events);
    // A copy: the end of the subscription may take ours with it.
    const std::string name = id;  // NOLINT(performance-unnecessary-copy-initialization)
    // One message a line; the last of them allows the next fetch.
    std::string_view left = fetched.text;
    while (!left.empty()) {
        const std::size_t size = left.find('\n');
        std::string line(left.substr(0, size));
        left.remove_prefix(size + 1);
        const bool is_last = left.empty() && !fetched.error;
        send({std::move(line), is_last ? name : std::string(), false});
        if (is_closing_) return;
    }
    if (!fetched.error) return;
    end(name);
    answer_error(name, *fetched.error);
}

void SocketSession::let_fetch(Subscription& subscription) {
    if (subscription.is_fetching || subscription.credit == 0) return;
    subscription.is_fetching = true;
    subscription.pump->give_credit(subscription.credit);
}

void SocketSession::answer(SocketOp op, const std::string& id) {
    std::string text;
    begin_message(text, op, id);
    text += '}';
    send({std::move(text), {}, true});
}

void SocketSession::answer_error(const std::string& id, const Error& error) {
    std::string text;
    begin_message(text, SocketOp::kError, id);
    text += ",\"problem\":" + problem_json(as_said(error), trace_id_) + "}";
    send({std::move(text), {}, true});
}

void SocketSession::send(Outgoing outgoing) {
    if (is_closing_) return;
    if (outgoing.is_answer) ++answers_;
    outgoing_.push_back(std::move(outgoing));
    if (answers_ > kAnswersMax) {
        close_with(CloseCode::kTooSlow, "answers are not read");
        return;
    }
    write();
}

void SocketSession::write() {
    if (!is_open_ || is_writing_) return;
    if (outgoing_.empty() || goodbye_) {
        say_goodbye();
        return;
    }
    is_writing_ = true;
    write_until_ = std::chrono::steady_clock::now() + desk_.options.write_timeout +
                   transfer_time(outgoing_.front().text.size());
    stream_->async_write(
        asio::buffer(outgoing_.front().text),
        [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
            self->is_writing_ = false;
            if (error || self->outgoing_.empty()) return;  // reading hears of it, too
            const std::string fetched_for = std::move(self->outgoing_.front().fetched_for);
            if (self->outgoing_.front().is_answer) --self->answers_;
            self->outgoing_.pop_front();
            const auto found = self->subscriptions_.find(fetched_for);
            if (!fetched_for.empty() && found != self->subscriptions_.end()) {
                found->second.is_fetching = false;
                self->let_fetch(found->second);
            }
            self->write();
        }
    );
}

void SocketSession::close_with(CloseCode code, std::string_view reason) {
    if (std::exchange(is_closing_, true)) return;
    websocket::close_reason goodbye;
    goodbye.code = static_cast<std::uint16_t>(code);
    // A close frame has room for 123 bytes.
    const std::string_view cut = reason.substr(0, 120);
    goodbye.reason.assign(cut.data(), cut.size());
    goodbye_ = goodbye;
    while (!subscriptions_.empty()) end(std::string(subscriptions_.begin()->first));
    if (is_open_ && !is_writing_) say_goodbye();
}

void SocketSession::say_goodbye() {
    if (!goodbye_ || !is_open_) return;
    const websocket::close_reason reason = *std::exchange(goodbye_, std::nullopt);
    is_open_ = false;
    // When it is over, or timed out, reading ends.
    stream_->async_close(reason, [self = shared_from_this()](const boost::system::error_code&) {});
}

void SocketSession::over() {
    is_open_ = false;
    is_closing_ = true;
    while (!subscriptions_.empty()) end(std::string(subscriptions_.begin()->first));
    outgoing_.clear();
    if (const auto is_over = std::exchange(is_over_, nullptr)) is_over();
}

}  // namespace annals::http_door::detail
