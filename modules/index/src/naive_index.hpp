// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "annals/codec/checksum.hpp"
#include "annals/index/index.hpp"
#include "annals/model/names.hpp"

// For the tests alone: events at random, and an index that is one loop over all of them.
namespace annals::index::testing {

struct TestEvent {
    Position position;
    Revision revision;
    TimeNs time;
    Uuid id;
    std::string stream;
    std::string type;
    std::vector<std::string> tags;

    [[nodiscard]] std::string category() const { return std::string(model::category_of(stream)); }
};

/// The chain of a log that holds what the naive index holds.
inline std::uint64_t chain_at(Position position, std::uint64_t salt = 0) {
    return (position.value + salt) * 0x9E3779B97F4A7C15u;
}

inline Term term_of(std::string_view text) { return {text, codec::hash64(text)}; }

/// Hands events to an index in one call.
inline void feed(
    Index& index, const std::vector<TestEvent>& events, std::size_t begin, std::size_t end
) {
    if (begin >= end) return;
    std::vector<std::vector<Term>> tags(end - begin);
    std::vector<std::string> categories(end - begin);
    std::vector<IndexedEvent> batch;
    for (std::size_t i = begin; i < end; ++i) {
        const TestEvent& event = events[i];
        for (const std::string& tag : event.tags) tags[i - begin].push_back(term_of(tag));
        categories[i - begin] = event.category();
        batch.push_back({
            event.position,
            event.revision,
            event.time,
            event.id,
            0,
            term_of(event.stream),
            term_of(categories[i - begin]),
            term_of(event.type),
            tags[i - begin],
        });
    }
    index.add(batch, chain_at(events[end - 1].position));
}

/// Events at random over few names, so that everything collides.
class EventSource {
  public:
    explicit EventSource(std::uint32_t seed, std::size_t streams = 12)
        : random_(seed), streams_(streams) {}

    TestEvent next() {
        TestEvent event;
        event.position = Position(++position_);
        event.time = TimeNs(static_cast<std::int64_t>(1'000'000'000 + position_ * 10 + below(5)));
        event.stream = stream_name(below(streams_));
        event.revision = Revision(revisions_[event.stream]++);
        event.type = "type" + std::to_string(below(4));
        for (std::size_t n = below(4); n > 0; --n)
            event.tags.push_back("tag:" + std::to_string(below(9)));
        event.id = below(3) == 0 && !ids_.empty() ? ids_[below(ids_.size())] : fresh_id();
        ids_.push_back(event.id);
        return event;
    }

    std::size_t below(std::size_t n) { return n == 0 ? 0 : random_() % n; }

    static std::string stream_name(std::size_t i) {
        if (i % 7 == 6) return "lonely" + std::to_string(i);  // in no category
        return "cat" + std::to_string(i % 3) + "-" + std::to_string(i);
    }

  private:
    Uuid fresh_id() {
        Uuid id;
        for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(random_());
        if (below(2) == 0) {  // like a UUIDv7: the first half rises
            for (std::size_t i = 0; i < 8; ++i) {
                id.bytes[i] = static_cast<std::uint8_t>(position_ >> (8 * (7 - i)));
            }
        }
        return id;
    }

    std::mt19937 random_;
    std::size_t streams_;
    std::uint64_t position_ = 0;
    std::map<std::string, std::uint64_t> revisions_;
    std::vector<Uuid> ids_;
};

/// The same questions as Index, answered by looking at every event.
class NaiveIndex {
  public:
    std::vector<TestEvent> events;

    [[nodiscard]] std::vector<Position> stream(
        std::string_view name, std::uint64_t from, Direction direction, std::size_t limit
    ) const {
        const auto keep = [&](const TestEvent& event) {
            if (event.stream != name) return false;
            return direction == Direction::kForwards ? event.revision.value >= from
                                                     : event.revision.value <= from;
        };
        return select(keep, direction, limit);
    }

    template <typename Selection>
    [[nodiscard]] std::vector<Position> matching(
        const Selection& selection,
        std::uint64_t from,
        std::uint64_t to,
        Direction direction,
        std::size_t limit
    ) const {
        const auto keep = [&](const TestEvent& event) {
            const std::uint64_t at = event.position.value;
            const bool in_range = direction == Direction::kForwards ? at >= from && at <= to
                                                                    : at <= from && at >= to;
            return in_range && is_met(selection, event);
        };
        return select(keep, direction, limit);
    }

    [[nodiscard]] std::vector<Position> with_id(const Uuid& id) const {
        return select(
            [&](const TestEvent& e) { return e.id == id; }, Direction::kForwards, events.size()
        );
    }

    [[nodiscard]] std::set<std::string> streams() const {
        std::set<std::string> names;
        for (const TestEvent& event : events) names.insert(event.stream);
        return names;
    }

  private:
    template <typename Keep>
    [[nodiscard]] std::vector<Position> select(Keep keep, Direction direction, std::size_t limit)
        const {
        std::vector<Position> positions;
        for (const TestEvent& event : events) {
            if (keep(event)) positions.push_back(event.position);
        }
        if (direction == Direction::kBackwards) std::reverse(positions.begin(), positions.end());
        if (positions.size() > limit) positions.resize(limit);
        return positions;
    }

    static bool has_all(const std::vector<std::string>& tags, const TestEvent& event) {
        return std::all_of(tags.begin(), tags.end(), [&](const std::string& tag) {
            return std::find(event.tags.begin(), event.tags.end(), tag) != event.tags.end();
        });
    }
    static bool is_any(const std::vector<std::string>& names, const std::string& name) {
        return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
    }
    static bool is_met(const model::Query& query, const TestEvent& event) {
        return std::any_of(
            query.items.begin(),
            query.items.end(),
            [&](const model::QueryItem& item) {
                return is_any(item.types, event.type) && has_all(item.tags, event);
            }
        );
    }
    static bool is_met(const model::Filter& filter, const TestEvent& event) {
        return is_any(filter.categories, event.category()) && is_any(filter.types, event.type) &&
               has_all(filter.tags, event);
    }
};

/// A folder of its own that goes with the test; in memory where the system has such a place,
/// because a property makes thousands of files and syncs each.
class TestFolder {
  public:
    explicit TestFolder(const std::string& name) {
        const std::filesystem::path memory = "/dev/shm";
        const auto parent = std::filesystem::is_directory(memory)
                                ? memory
                                : std::filesystem::temp_directory_path();
        path_ = parent / ("annals-index-" + name + "-" + std::to_string(getpid()));
        std::filesystem::remove_all(path_);
    }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;
    ~TestFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] std::string path() const { return path_.string(); }

  private:
    std::filesystem::path path_;
};

}  // namespace annals::index::testing
