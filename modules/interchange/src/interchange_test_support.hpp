// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "annals/interchange/record_sink.hpp"
#include "annals/interchange/record_source.hpp"

#include "arena.hpp"
#include "event_copy.hpp"

namespace annals::interchange {

/// Records that own their texts.
struct KeptRecords {
    Arena arena;
    std::deque<Record> records;

    void add(const Record& record) {
        Record kept = record;
        static_cast<model::NewEvent&>(kept.event) = copy_of(record.event, arena);
        kept.raw = arena.copy(record.raw);
        records.push_back(std::move(kept));
    }
};

/// Random events of a whole log: positions from 1, revisions from 0, times that rise; texts with
/// everything that formats stumble over. Same seed, same events.
class RandomRecords {
  public:
    explicit RandomRecords(std::uint64_t seed) : random_(seed) {}

    /// The next event of the log.
    Record next() {
        Record record;
        model::RecordedEvent& event = record.event;
        const std::uint64_t stream = below(3);
        event.stream = keep("order-" + std::to_string(stream) + (stream == 2 ? " <&\"',;é" : ""));
        event.type = keep(chance(3) ? "Típo \"<1>\" & Co, Ltd" : "OrderPlaced");
        event.id.bytes[0] = 1;
        for (std::size_t at = 1; at < 16; ++at)
            event.id.bytes[at] = static_cast<std::uint8_t>(below(256));
        event.position = Position(++position_);
        event.revision = Revision(revisions_[stream]++);
        time_ += static_cast<std::int64_t>(below(3) * 1'234'567);
        event.recorded_time = TimeNs(time_);
        record.has_stamp = true;
        if (chance(2)) {
            event.valid_time = model::ValidTime{
                TimeNs(1'700'000'000'000'000'000 + static_cast<std::int64_t>(below(1'000'000'007))),
                static_cast<std::int32_t>(below(5)) * 60 - 120
            };
        }
        if (chance(2)) event.actor = keep(name());
        if (chance(3)) event.correlation_id = keep(name());
        if (chance(3)) event.causation_id = keep(name());
        if (chance(3))
            event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        if (chance(4)) event.tracestate = "a=b";
        if (chance(4)) event.schema_id = static_cast<std::uint32_t>(below(1'000));
        if (chance(3)) event.tags.push_back(keep("key:" + name()));
        if (chance(3)) event.tags.push_back("k:100%,2C");
        if (has_dialect && chance(4)) {
            event.dialect.push_back({"eskit.version", keep(bytes())});
            event.dialect.push_back({"ce.source", "/a b?c=d&e"});
        }
        if (chance(3)) event.metadata = keep(chance(2) ? json() : bytes());
        if (chance(4)) event.content_type = chance(2) ? "text/plain" : "application/x-thing";
        event.data = keep(chance(4) ? bytes() : json());
        return record;
    }

    bool has_dialect = true;

  private:
    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
    bool chance(std::uint64_t of) { return below(of) == 0; }
    std::string_view keep(const std::string& text) { return arena_.copy(text); }

    std::string name() {
        static const std::vector<std::string> names{
            "ann", "Jürgen \"J\" O'Neil", "a,b;c", "<x>&amp;", "100% sure", " blank ", "日本"
        };
        return names[below(names.size())];
    }
    std::string json() {
        static const std::vector<std::string> texts{
            "{}",
            "{\"a\":1,\"b\":\"x\"}",
            "{\"concept:name\":\"taken\",\"lifecycle:transition\":\"complete\"}",
            "{\"a\":1,\"a\":2}",
            "{ \"spaced\" : true }",
            "{\n  \"broken\": [1, 2, {\"deep\": null}]\n}",
            "{\"n\":1.50,\"big\":123456789012345678901234567890,\"e\":1e400,\"m\":-0}",
            "{\"text\":\"line\\nbreak\\ttab \\u0001 <&>\"}",
            "{\"group\":\"Group 1\",\"done\":false,\"count\":-7}",
            "[1,2,3]",
            "\"only a text\"",
            " 7 ",
            "null",
        };
        return texts[below(texts.size())];
    }
    std::string bytes() {
        static const std::vector<std::string> samples{
            "",
            "plain text",
            "tab\there\r\nand there",
            std::string("\0\x01\xff", 3),
            "\xEF\xBF\xBE",
            "a\rb",
            "\"quoted\", and so on",
            "\x7f",
            "]]>"
        };
        return samples[below(samples.size())];
    }

    std::mt19937_64 random_;
    Arena arena_;
    std::uint64_t position_ = 0;
    std::uint64_t revisions_[3] = {0, 0, 0};
    std::int64_t time_ = 1'600'000'000'000'000'000;
};

}  // namespace annals::interchange
