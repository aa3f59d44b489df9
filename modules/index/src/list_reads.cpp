// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "list_reads.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "block.hpp"
#include "keys.hpp"

namespace annals::index {
namespace {

/// Goes over the names of one family; stands on the smallest that is left.
class NameMerge {
  public:
    NameMerge(
        const Moment& moment,
        Family family,
        TermKind kind,
        std::string_view prefix,
        std::string_view after
    )
        : moment_(moment), prefix_(prefix), stored_(moment.store().scan()) {
        put_name_key(key_prefix_, family, prefix);
        std::string start;
        put_name_key(start, family, std::max(prefix, after));
        stored_->Seek(start);
        if (!after.empty() && stored_->Valid() && stored_->key() == start && after == stored_name())
            stored_->Next();
        for (const auto& window : moment.windows()) {
            WindowNames names{window.get(), window->sorted(kind), 0};
            const auto is_before = [&](const TermEntry* entry) {
                return entry->text() < prefix || (!after.empty() && entry->text() <= after);
            };
            const auto at = std::partition_point(
                names.terms->begin(), names.terms->end(), is_before
            );
            names.at = static_cast<std::size_t>(at - names.terms->begin());
            windows_.push_back(std::move(names));
        }
        choose();
    }

    [[nodiscard]] bool stands() const { return name_.has_value(); }
    [[nodiscard]] std::string_view name() const { return *name_; }
    /// The value in RocksDB, if the name is there.
    [[nodiscard]] std::optional<std::string_view> stored() const {
        if (!has_stored() || stored_name() != *name_) return std::nullopt;
        return std::string_view(stored_->value().data(), stored_->value().size());
    }
    /// Calls for each window, oldest first, that has events of the name.
    void for_each_window(
        const std::function<void(const Window&, const TermEntry&, const PostingReader&)>& visit
    ) const {
        for (const WindowNames& names : windows_) {
            const TermEntry* entry = names.entry();
            if (entry == nullptr || entry->text() != *name_) continue;
            const PostingReader postings = names.window->postings(*entry, moment_.end());
            if (postings.size() > 0) visit(*names.window, *entry, postings);
        }
    }
    void next() {
        const std::string done = std::string(*name_);
        for (WindowNames& names : windows_) {
            if (names.entry() != nullptr && names.entry()->text() == done) ++names.at;
        }
        if (has_stored() && stored_name() == done) stored_->Next();
        choose();
    }
    [[nodiscard]] Status status() const {
        if (stored_->status().ok()) return ok();
        return moment_.store().store().read_error(stored_->status());
    }

  private:
    struct WindowNames {
        const Window* window;
        std::shared_ptr<const std::vector<const TermEntry*>> terms;
        std::size_t at;
        [[nodiscard]] const TermEntry* entry() const {
            return at < terms->size() ? (*terms)[at] : nullptr;
        }
    };

    [[nodiscard]] bool has_stored() const {
        return stored_->Valid() && stored_->key().starts_with(key_prefix_);
    }
    [[nodiscard]] std::string_view stored_name() const {
        return std::string_view(stored_->key().data(), stored_->key().size()).substr(1);
    }
    void choose() {
        name_.reset();
        if (has_stored()) name_ = stored_name();
        for (const WindowNames& names : windows_) {
            const TermEntry* entry = names.entry();
            if (entry == nullptr || !entry->text().starts_with(prefix_)) continue;
            if (!name_ || entry->text() < *name_) name_ = entry->text();
        }
    }

    const Moment& moment_;
    std::string_view prefix_;
    std::string key_prefix_;
    std::unique_ptr<rocksdb::Iterator> stored_;
    std::vector<WindowNames> windows_;
    std::optional<std::string_view> name_;
};

/// What RocksDB and the windows know together; no events when the name is not visible yet.
Result<SummaryValue> total_of(const Moment& moment, const NameMerge& names) {
    SummaryValue total;
    if (const auto stored = names.stored()) {
        const std::optional<SummaryValue> decoded = decode_summary(*stored);
        if (!decoded) return moment.store().store().damaged_value("summary");
        total = *decoded;
    }
    names.for_each_window(
        [&](const Window& window, const TermEntry& entry, const PostingReader& postings) {
            total.events += postings.size();
            total.streams += entry.new_streams.load(std::memory_order_relaxed);
            total.last_position = window.base() + postings[postings.size() - 1];
            total.last_time = window.time_at(total.last_position);
        }
    );
    return total;
}

}  // namespace

Result<std::vector<StreamSummary>> read_streams(
    const Moment& moment, std::string_view prefix, std::string_view after, std::size_t limit
) {
    std::vector<StreamSummary> streams;
    NameMerge names(moment, Family::kHead, TermKind::kStream, prefix, after);
    for (; names.stands() && streams.size() < limit; names.next()) {
        StreamSummary stream;
        if (const auto stored = names.stored()) {
            const std::optional<HeadValue> head = decode_head(*stored);
            if (!head) return moment.store().store().damaged_value("head");
            stream.events = head->last_revision + 1;
            stream.last_position = Position(head->last_position);
            stream.last_time = TimeNs(head->last_time);
        }
        names.for_each_window(
            [&](const Window& window, const TermEntry& entry, const PostingReader& postings) {
                stream.events = entry.first_revision + postings.size();
                stream.last_position = Position(window.base() + postings[postings.size() - 1]);
                stream.last_time = TimeNs(window.time_at(stream.last_position.value));
            }
        );
        if (stream.events == 0) continue;
        stream.name = names.name();
        streams.push_back(std::move(stream));
    }
    ANNALS_CHECK(names.status());
    return streams;
}

Result<std::vector<CategorySummary>> read_categories(
    const Moment& moment, std::string_view prefix, std::string_view after, std::size_t limit
) {
    std::vector<CategorySummary> categories;
    NameMerge names(moment, Family::kCategorySummary, TermKind::kCategory, prefix, after);
    for (; names.stands() && categories.size() < limit; names.next()) {
        ANNALS_TRY(const SummaryValue total, total_of(moment, names));
        if (total.events == 0) continue;
        categories.push_back({
            std::string(names.name()),
            total.streams,
            total.events,
            Position(total.last_position),
            TimeNs(total.last_time),
        });
    }
    ANNALS_CHECK(names.status());
    return categories;
}

Result<std::vector<StreamSummary>> read_types(
    const Moment& moment, std::string_view prefix, std::string_view after, std::size_t limit
) {
    std::vector<StreamSummary> types;
    NameMerge names(moment, Family::kTypeSummary, TermKind::kType, prefix, after);
    for (; names.stands() && types.size() < limit; names.next()) {
        ANNALS_TRY(const SummaryValue total, total_of(moment, names));
        if (total.events == 0) continue;
        types.push_back(
            {std::string(names.name()),
             total.events,
             Position(total.last_position),
             TimeNs(total.last_time)}
        );
    }
    ANNALS_CHECK(names.status());
    return types;
}

}  // namespace annals::index
