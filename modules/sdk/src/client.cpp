// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/sdk/client.hpp"

#include <limits>
#include <utility>

#include "annals/base/uuid.hpp"
#include "annals/model/append.hpp"

#include "client_impl.hpp"
#include "consumer_impl.hpp"
#include "group_impl.hpp"
#include "option_checks.hpp"
#include "paged.hpp"
#include "subscription_impl.hpp"
#include "traced.hpp"
#include "words.hpp"

namespace annals {
namespace {

using Repeat = Client::Impl::Repeat;

/// Events of one page that a loop over a read asks for.
constexpr std::uint64_t kPageEvents = 1'000;

template <typename Change>
Client changed(const Client::Impl& from, const Change& change) {
    auto impl = std::make_shared<Client::Impl>(from);
    change(*impl);
    return Client(std::move(impl));
}

model::NewEvent view_of(const NewEvent& event, const TraceContext& trace) {
    model::NewEvent view;
    view.stream = event.stream;
    view.id = event.id;
    view.type = event.type;
    view.content_type = event.content_type;
    view.actor = event.actor;
    view.correlation_id = event.correlation_id;
    view.causation_id = event.causation_id;
    view.traceparent = event.traceparent.empty() ? trace.parent : event.traceparent;
    view.tracestate = event.traceparent.empty() ? trace.state : event.tracestate;
    if (event.valid_time) {
        view.valid_time = {event.valid_time->at, event.valid_time->offset_minutes};
    }
    view.schema_id = event.schema_id;
    for (const std::string& tag : event.tags) view.tags.push_back(tag);
    view.metadata = event.metadata;
    view.data = event.data;
    return view;
}

model::Check check_of(const Check& check) {
    if (const auto* stream = std::get_if<StreamCheck>(&check)) {
        return model::StreamCheck{stream->stream, sdk::expected_of(stream->expected)};
    }
    const auto& query = std::get<QueryCheck>(check);
    model::QueryCheck made;
    made.after = query.after;
    for (const QueryItem& item : query.query) made.query.items.push_back({item.types, item.tags});
    return made;
}

/// A read, page after page.
class PageReader {
  public:
    PageReader(
        std::shared_ptr<const Client::Impl> client, api::ReadRequest request, std::uint64_t limit
    )
        : client_(std::move(client)),
          request_(std::move(request)),
          left_(limit),
          is_limited_(limit > 0) {}

    /// Null: that was all.
    const Page* next() {
        if (is_done_) return nullptr;
        request_.limit = static_cast<std::uint32_t>(
            is_limited_ ? std::min(left_, kPageEvents) : kPageEvents
        );
        api::ReadPage read = client_->call([&](const api::CallContext& context) {
            return client_->backend->events().read(context, request_);
        });
        page_ = sdk::page_of(std::move(read), client_->options.name_space);
        left_ -= std::min<std::uint64_t>(left_, page_.events.size());
        is_done_ = page_.is_end || page_.next.empty() || (is_limited_ && left_ == 0);
        if (!is_done_) request_.start = api::AfterToken{page_.next};
        return &page_;
    }

  private:
    const std::shared_ptr<const Client::Impl> client_;  // the loop may outlive the client
    api::ReadRequest request_;
    std::uint64_t left_;
    const bool is_limited_;
    bool is_done_ = false;
    Page page_;
};

/// A read, event after event.
struct EventReader {
    PageReader pages;
    const Page* page = nullptr;
    std::size_t at = 0;

    const Event* next() {
        while (page == nullptr || at == page->events.size()) {
            page = pages.next();
            at = 0;
            if (page == nullptr) return nullptr;
        }
        return &page->events[at++];
    }
};

ConsumerProgress progress_of(api::ConsumerProgress from) {
    ConsumerProgress progress;
    progress.consumer = std::move(from.consumer);
    progress.position = std::move(from.position);
    progress.at = from.at;
    progress.epoch = from.epoch;
    progress.owner = std::move(from.owner);
    progress.behind = from.behind;
    progress.problem = std::move(from.problem);
    return progress;
}

}  // namespace

Client::Client(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

Client Client::in_namespace(std::string name) const {
    return changed(*impl_, [&](Impl& impl) {
        impl.options.name_space = std::move(name);
        if (impl.session) impl.session = std::make_shared<sdk::SessionPlace>();
    });
}

Client Client::session() const {
    return changed(*impl_, [](Impl& impl) {
        impl.session = std::make_shared<sdk::SessionPlace>();
    });
}

Client Client::with_timeout(std::chrono::milliseconds timeout) const {
    sdk::check_time("timeout", timeout);
    return changed(*impl_, [&](Impl& impl) { impl.options.timeout = timeout; });
}

Client Client::with_trace(TraceContext trace) const {
    return changed(*impl_, [&](Impl& impl) { impl.trace = std::move(trace); });
}

std::string Client::position() const {
    return impl_->session ? impl_->session->latest() : std::string();
}

void Client::observe(std::string_view position) const {
    if (impl_->session) impl_->session->observe(position);
}

Appended Client::append(
    std::string_view stream, std::vector<NewEvent> events, const AppendOptions& options
) const {
    if (!impl_->options.start_append) return impl_->append(stream, std::move(events), options);
    const std::unique_ptr<TraceSpan> span = impl_->options.start_append(stream);
    return sdk::traced(span, [&] { return impl_->append(stream, std::move(events), options); });
}

Appended Client::Impl::append(
    std::string_view stream, std::vector<NewEvent> events, const AppendOptions& append_options
) const {
    const TraceContext traced = trace_now();
    model::AppendRequest request;
    request.stream = stream;
    request.events.reserve(events.size());
    for (NewEvent& event : events) {
        if (event.id.is_nil() && append_options.idempotency_key.empty()) {
            event.id = make_uuid_v7(system_clock());
        }
        request.events.push_back(view_of(event, traced));
    }
    if (append_options.expected) {
        request.checks.emplace_back(
            model::StreamCheck{stream, sdk::expected_of(*append_options.expected)}
        );
    }
    for (const Check& check : append_options.checks) request.checks.push_back(check_of(check));
    if (const auto& tracking = append_options.tracking) {
        request.tracking = model::Tracking{
            tracking->source, tracking->consumer, tracking->key, tracking->position.value
        };
    }
    request.idempotency_key = append_options.idempotency_key;
    api::AppendResponse response = call([&](const api::CallContext& context) {
        return backend->events().append_and_wait(context, request);
    });
    wrote(response.position);
    Appended appended;
    appended.first_position = response.first_position;
    appended.last_position = response.last_position;
    appended.position = std::move(response.position);
    appended.recorded_time = response.recorded_time;
    for (model::StreamRevisions& revisions : response.streams) {
        appended.streams.push_back({std::move(revisions.stream), revisions.first, revisions.last});
    }
    appended.is_replay = response.is_replay;
    appended.is_durable = response.is_durable;
    return appended;
}

void Client::retry_on_conflict(const std::function<void()>& attempt, int attempts_max) const {
    sdk::check_attempts(attempts_max);
    for (int tries = 1;; ++tries) {
        try {
            attempt();
            return;
        } catch (const Failure& failure) {
            if (failure.code() != ErrorCode::kConflict || tries >= attempts_max) throw;
        }
        std::this_thread::sleep_for(sdk::wait_before(impl_->options.backoff, tries));
    }
}

Sequence<Event> Client::read_stream(std::string stream, ReadOptions options) const {
    Select select;
    select.stream = std::move(stream);
    if (select.stream.empty()) {
        sdk::fail(Error(ErrorCode::kInvalidArgument, "a stream to read must have a name")
                      .with("field", "stream"));
    }
    return read(std::move(select), std::move(options));
}

// NOLINTBEGIN(performance-unnecessary-value-param): as subscribe() takes it
Sequence<Event> Client::read(Select select, ReadOptions options) const {
    options.min_position = impl_->minimum(options.min_position);
    api::ReadRequest request = sdk::read_request(select, options);
    request.max_wait_ms = impl_->minimum_wait_ms();
    const auto reader = std::make_shared<EventReader>(
        EventReader{PageReader(impl_, std::move(request), options.limit)}
    );
    return Sequence<Event>([reader] { return reader->next(); });
}

Sequence<Page> Client::read_pages(Select select, ReadOptions options) const {
    options.min_position = impl_->minimum(options.min_position);
    api::ReadRequest request = sdk::read_request(select, options);
    request.max_wait_ms = impl_->minimum_wait_ms();
    const auto reader = std::make_shared<PageReader>(impl_, std::move(request), options.limit);
    return Sequence<Page>([reader] { return reader->next(); });
}

Page Client::read_page(Select select, ReadOptions options) const {
    options.min_position = impl_->minimum(options.min_position);
    api::ReadRequest request = sdk::read_request(select, options);
    request.max_wait_ms = impl_->minimum_wait_ms();
    request.limit = static_cast<std::uint32_t>(
        options.limit == 0
            ? kPageEvents
            : std::min<std::uint64_t>(options.limit, std::numeric_limits<std::uint32_t>::max())
    );
    return sdk::page_of(
        impl_->call([&](const api::CallContext& context) {
            return impl_->backend->events().read(context, request);
        }),
        impl_->options.name_space
    );
}
// NOLINTEND(performance-unnecessary-value-param)

std::vector<Event> Client::events_by_id(const Uuid& id) const {
    return sdk::events_of(
        impl_
            ->call([&](const api::CallContext& context) {
                return impl_->backend->events().get_event(context, id);
            })
            .events,
        impl_->options.name_space
    );
}

Subscription Client::subscribe(Select select, SubscribeOptions options) const {
    return Subscription(std::make_shared<Subscription::Impl>(impl_, std::move(select), options));
}

Consumer Client::consumer(std::string name, Select select, ConsumerOptions options) const {
    sdk::check_consumer(options);
    return Consumer(std::make_shared<Consumer::Impl>(
        impl_, std::move(name), std::move(select), std::move(options)
    ));
}

ConsumerProgress Client::consumer_progress(const std::string& name) const {
    return progress_of(impl_->call([&](const api::CallContext& context) {
        return impl_->backend->consumers().get(context, name);
    }));
}

Sequence<ConsumerProgress> Client::consumers(std::string prefix) const {
    api::ListConsumersRequest request;
    request.prefix = std::move(prefix);
    return sdk::paged<ConsumerProgress>(
        [client = impl_, request = std::move(request), is_end = false](
        ) mutable -> std::optional<std::vector<ConsumerProgress>> {
            if (is_end) return std::nullopt;
            api::ConsumerList list = client->call([&](const api::CallContext& context) {
                return client->backend->consumers().list(context, request);
            });
            std::vector<ConsumerProgress> page;
            page.reserve(list.consumers.size());
            for (api::ConsumerProgress& one : list.consumers) {
                page.push_back(progress_of(std::move(one)));
            }
            request.after = std::move(list.next);
            is_end = request.after.empty();
            return page;
        }
    );
}

void Client::rewind_consumer(const std::string& name, Position to, const std::string& reason)
    const {
    impl_->call([&](const api::CallContext& context) {
        return impl_->backend->consumers().rewind(context, {name, to, reason, sdk::process_name()});
    });
}

void Client::delete_consumer(const std::string& name) const {
    impl_->call(
        [&](const api::CallContext& context) {
            return impl_->backend->consumers().remove(context, {name, "", sdk::process_name()});
        },
        Repeat::kNever
    );
}

Group Client::group(std::string name) const {
    return Group(std::make_shared<const Group::Impl>(Group::Impl{impl_, std::move(name)}));
}

void Client::create_namespace(std::string_view name) const {
    impl_->call(
        [&](const api::CallContext& context) {
            return impl_->backend->events().create_namespace(context, name);
        },
        Repeat::kNever
    );
}

std::vector<std::string> Client::namespaces() const {
    std::vector<std::string> names;
    for (api::NamespaceInfo& info : impl_->call([&](const api::CallContext& context) {
             return impl_->backend->events().list_namespaces(context);
         })) {
        names.push_back(std::move(info.name));
    }
    return names;
}

ServerInfo Client::info() const {
    api::ServerInfo from = impl_->call([&](const api::CallContext& context) {
        return impl_->backend->events().info(context);
    });
    ServerInfo info;
    info.version = std::move(from.version);
    info.log_id = std::move(from.log_id);
    info.last_position = from.last_position;
    info.position = std::move(from.position);
    info.durability = std::move(from.durability);
    info.is_read_only = from.is_read_only;
    info.read_only_reason = std::move(from.read_only_reason);
    info.started_time = from.started_time;
    return info;
}

void Client::delete_namespace(std::string_view name) const {
    impl_->call(
        [&](const api::CallContext& context) {
            return impl_->backend->events().delete_namespace(context, name);
        },
        Repeat::kNever
    );
}

}  // namespace annals
