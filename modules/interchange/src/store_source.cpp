// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/interchange/store_source.hpp"

#include <charconv>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "annals/model/limits.hpp"

#include "event_matcher.hpp"
#include "page_reader.hpp"

namespace annals::interchange {
namespace {

constexpr std::uint32_t kNamesAtOnce = 1'000;
/// Streams are short, a call takes its time: so many are read at once.
constexpr std::size_t kStreamsAhead = 8;
/// Streams that a filter found and whose names are kept; of more all streams are asked.
constexpr std::size_t kFoundNamesMax = 100'000;

/// The index finds what has these; of the others every stream is asked anyway.
bool is_found_by_index(const model::Filter& filter) {
    return !filter.types.empty() || !filter.tags.empty();
}

Result<std::uint64_t> number_of(std::string_view cursor) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), number);
    if (error == std::errc() && end == cursor.data() + cursor.size()) return number;
    return Error(ErrorCode::kInvalidArgument, "the place to go on from is not one of this source");
}

/// The events of one page, one after the other.
class PageEvents {
  public:
    Status set(api::ReadPage page) {
        page_ = std::move(page);
        at_ = 0;
        ANNALS_TRY(events_, page_.events.decode());
        return ok();
    }
    [[nodiscard]] const model::RecordedEvent* next() {
        return at_ < events_.size() ? &events_[at_++] : nullptr;
    }
    [[nodiscard]] bool is_used_up() const { return at_ == events_.size(); }

  private:
    api::ReadPage page_;
    std::vector<model::RecordedEvent> events_;
    std::size_t at_ = 0;
};

class StoreSourceBody : public StoreSource {
  public:
    StoreSourceBody(api::EventStore& store, StoreSourceOptions options, const api::ServerInfo& info)
        : store_(store),
          options_(std::move(options)),
          log_name_(info.log_id + "/" + options_.name_space) {
        if (options_.end.value == 0) options_.end = info.last_position;
    }

    [[nodiscard]] Position end() const override { return options_.end; }
    [[nodiscard]] std::string log_name() const override { return log_name_; }

  protected:
    [[nodiscard]] api::CallContext context() const {
        api::CallContext context;
        context.name_space = options_.name_space;
        return context;
    }
    /// The next event that is not behind the end, from pages that were opened.
    Result<const model::RecordedEvent*> next_of_pages() {
        while (pages_) {
            while (const model::RecordedEvent* const event = events_.next()) {
                if (event->position <= options_.end) return event;
            }
            ANNALS_TRY(std::optional<api::ReadPage> page, pages_->next());
            is_last_page_ = page && page->is_end;
            if (!page) {
                pages_.reset();
                break;
            }
            ANNALS_CHECK(events_.set(std::move(*page)));
        }
        return nullptr;
    }
    void give(const model::RecordedEvent& event, Record& record) {
        record = {};
        record.event = event;
        record.has_stamp = true;
        record.number = ++number_;
    }
    /// The first page is under way when it comes back.
    std::unique_ptr<PageReader> make_pages(api::ReadRequest request) {
        request.limit = model::Limits::kReadEventsMax;
        return std::make_unique<PageReader>(store_, options_.name_space, std::move(request));
    }
    void open_pages(std::unique_ptr<PageReader> pages) {
        pages_ = std::move(pages);
        is_last_page_ = false;
    }
    /// Nothing of the pages is left to give.
    [[nodiscard]] bool is_used_up() const {
        return !pages_ || (is_last_page_ && events_.is_used_up());
    }

    api::EventStore& store_;
    StoreSourceOptions options_;

  private:
    const std::string log_name_;
    std::unique_ptr<PageReader> pages_;
    PageEvents events_;
    bool is_last_page_ = false;
    std::uint64_t number_ = 0;
};

/// By position, or by revision where it is one stream.
class OrderedSource final : public StoreSourceBody {
  public:
    using StoreSourceBody::StoreSourceBody;

    Status start() {
        const Selection& selection = options_.selection;
        api::ReadRequest request;
        request.stream = selection.stream;
        request.filter = selection.filter;
        if (!options_.cursor.empty()) {
            ANNALS_TRY(const std::uint64_t last, number_of(options_.cursor));
            if (is_one_stream()) {
                request.start = api::FromRevision{Revision(last + 1)};
            } else {
                request.start = api::FromPosition{Position(last + 1)};
            }
        } else if (selection.filter.recorded_since.value != 0) {
            request.start = api::FromTime{selection.filter.recorded_since};
        }
        open_pages(make_pages(std::move(request)));
        return ok();
    }

    Result<bool> next(Record& record) override {
        if (is_done_) return false;
        ANNALS_TRY(const model::RecordedEvent* const event, next_of_pages());
        is_done_ = event == nullptr;
        if (is_done_) return false;
        give(*event, record);
        position_ = event->position;
        cursor_ = is_one_stream() ? event->revision.value : event->position.value;
        return true;
    }

    [[nodiscard]] std::uint64_t consumed() const override { return position_.value; }
    [[nodiscard]] std::uint64_t total() const override { return end().value; }
    [[nodiscard]] std::string cursor() const override { return std::to_string(cursor_); }

  private:
    [[nodiscard]] bool is_one_stream() const { return !options_.selection.stream.empty(); }

    Position position_;
    std::uint64_t cursor_ = 0;
    bool is_done_ = false;
};

/// Stream after stream, in the order of their names.
class StreamsSource final : public StoreSourceBody {
  public:
    StreamsSource(
        api::EventStore& store,
        StoreSourceOptions options,
        const api::ServerInfo& info,
        EventMatcher matcher
    )
        : StoreSourceBody(store, std::move(options), info), matcher_(std::move(matcher)) {
        last_name_ = options_.cursor;
        has_more_names_ = options_.selection.stream.empty();
        const bool is_one_stream = !options_.selection.stream.empty();
        if (is_one_stream && options_.cursor.empty()) names_.push_back(options_.selection.stream);
    }

    Result<bool> next(Record& record) override {
        while (true) {
            ANNALS_TRY(const model::RecordedEvent* const event, next_of_stream());
            if (event != nullptr) {
                ANNALS_TRY(const bool is_wanted, matcher_.matches(*event));
                if (!is_wanted) continue;
                give(*event, record);
                ++given_;
                return true;
            }
            ANNALS_TRY(const bool has_stream, open_next_stream());
            if (!has_stream) return false;
        }
    }

    [[nodiscard]] std::uint64_t consumed() const override { return given_; }
    /// Between streams only.
    [[nodiscard]] std::string cursor() const override {
        return is_used_up() ? name_ : std::string();
    }

  private:
    /// A read over everything shows events of a deleted stream until their space is free, the
    /// stream itself shows none.
    Result<const model::RecordedEvent*> next_of_stream() {
        Result<const model::RecordedEvent*> event = next_of_pages();
        if (event) return event;
        const ErrorCode code = event.error().code();
        const bool is_gone = code == ErrorCode::kStreamNotFound ||
                             code == ErrorCode::kStreamDeleted;
        if (!is_found_ || !is_gone) return event;
        open_pages(nullptr);
        return nullptr;
    }

    Result<bool> open_next_stream() {
        while (ahead_.size() < kStreamsAhead) {
            if (at_ == names_.size()) {
                ANNALS_TRY(const bool has_names, load_names());
                if (!has_names) break;
            }
            std::string name = names_[at_++];
            ANNALS_TRY(const bool is_wanted, matcher_.matches_stream(name));
            if (!is_wanted) continue;
            api::ReadRequest request;
            request.stream = name;
            ahead_.push_back({std::move(name), make_pages(std::move(request))});
        }
        if (ahead_.empty()) return false;
        name_ = std::move(ahead_.front().name);
        open_pages(std::move(ahead_.front().pages));
        ahead_.pop_front();
        return true;
    }

    /// The names of the streams that have such events, in order and behind the last one; nothing
    /// where they are too many.
    Result<std::optional<std::vector<std::string>>> find_names() {
        std::set<std::string, std::less<>> found;
        api::ReadRequest request;
        request.filter = options_.selection.filter;
        if (request.filter.recorded_since.value != 0)
            request.start = api::FromTime{request.filter.recorded_since};
        const std::unique_ptr<PageReader> pages = make_pages(std::move(request));
        bool is_behind = false;
        while (!is_behind) {
            ANNALS_TRY(const std::optional<api::ReadPage> page, pages->next());
            if (!page) break;
            ANNALS_CHECK(page->events.for_each([&](const model::RecordedEvent& event) {
                is_behind = is_behind || event.position > options_.end;
                if (!is_behind && event.stream > last_name_) found.emplace(event.stream);
                return ok();
            }));
            if (found.size() > kFoundNamesMax) return std::optional<std::vector<std::string>>();
        }
        return std::optional(std::vector<std::string>(found.begin(), found.end()));
    }

    Result<bool> load_names() {
        if (!has_more_names_) return false;
        if (!is_sought_ && is_found_by_index(options_.selection.filter)) {
            is_sought_ = true;
            ANNALS_TRY(auto found, find_names());
            if (found) {
                is_found_ = true;
                has_more_names_ = false;
                names_ = std::move(*found);
                at_ = 0;
                return !names_.empty();
            }
        }
        api::ListRequest request;
        request.after = last_name_;
        request.limit = kNamesAtOnce;
        if (options_.selection.filter.stream_prefixes.size() == 1)
            request.prefix = options_.selection.filter.stream_prefixes.front();
        ANNALS_TRY(const api::StreamList list, store_.list_streams(context(), request));
        names_.clear();
        at_ = 0;
        for (const api::StreamSummary& stream : list.streams) names_.push_back(stream.name);
        has_more_names_ = names_.size() == kNamesAtOnce;
        if (names_.empty()) return false;
        last_name_ = names_.back();
        return true;
    }

    /// A stream whose first page is under way.
    struct Ahead {
        std::string name;
        std::unique_ptr<PageReader> pages;
    };

    EventMatcher matcher_;
    std::deque<Ahead> ahead_;
    std::vector<std::string> names_;
    std::size_t at_ = 0;
    std::string name_;
    std::string last_name_;
    bool has_more_names_ = true;
    bool is_sought_ = false;  ///< what a filter finds
    bool is_found_ = false;   ///< the names are those that it found
    std::uint64_t given_ = 0;
};

}  // namespace

Result<std::unique_ptr<StoreSource>> StoreSource::open(
    api::EventStore& store, const StoreSourceOptions& options
) {
    ANNALS_CHECK(model::check_filter(options.selection.filter));
    // Patterns that are none are found before anything is asked.
    ANNALS_TRY(EventMatcher matcher, EventMatcher::make(options.selection));
    api::CallContext context;
    context.name_space = options.name_space;
    ANNALS_TRY(const api::ServerInfo info, store.info(context));
    if (options.order == ReadOrder::kStreams) {
        return std::unique_ptr<StoreSource>(
            std::make_unique<StreamsSource>(store, options, info, std::move(matcher))
        );
    }
    auto ordered = std::make_unique<OrderedSource>(store, options, info);
    ANNALS_CHECK(ordered->start());
    return std::unique_ptr<StoreSource>(std::move(ordered));
}

}  // namespace annals::interchange
