// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annals/codec/wire.hpp"
#include "annals/log/segment_log.hpp"

#include "group_header.hpp"
#include "segment_header.hpp"

namespace annals::log {

/// Small segments and little filling, so that tests see rolls.
inline LogOptions small_options() {
    LogOptions options;
    options.segment_bytes = 64u << 10u;
    options.fill_bytes_min = 8u << 10u;
    options.fill_bytes_max = 32u << 10u;
    return options;
}

/// What an event of a test says, derived from its number: a reader can check any position by
/// itself.
inline std::string data_of(std::uint64_t number, std::size_t bytes = 0) {
    std::string data = "{\"number\":" + std::to_string(number) + "}";
    while (data.size() < bytes) data += static_cast<char>('a' + (number + data.size()) % 26);
    return data;
}

/// A log with a writer's habits: positions, revisions and times rise by themselves.
class TestLog {
  public:
    explicit TestLog(
        FileSystem& files, LogOptions options = small_options(), std::string directory = "log"
    )
        : files_(&files), options_(std::move(options)), directory_(std::move(directory)) {}

    Status open() {
        auto opened = SegmentLog::open(*files_, directory_, options_, report);
        if (!opened) return std::move(opened).take_error();
        log = std::move(*opened);
        return ok();
    }
    void must_open() {
        const Status opened = open();
        ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
    }
    /// What kill -9 leaves: nothing is closed in order. The object is dropped without its last
    /// words.
    void abandon() { log = nullptr; }

    /// Reserves and adds one append of `events` events with data_of(position).
    Status add(
        std::size_t events, std::size_t data_bytes = 0, const model::Tracking* tracking = nullptr
    ) {
        const std::uint64_t first = log->last_position().value + 1;
        std::vector<std::string> texts;
        std::vector<model::NewEvent> made(events);
        std::vector<Uuid> ids(events);
        std::vector<Stamp> stamps;
        texts.reserve(events);
        for (std::size_t i = 0; i < events; ++i) {
            const std::uint64_t position = first + i;
            texts.push_back(data_of(position, data_bytes));
            made[i].stream = "order-7";
            made[i].type = "placed";
            made[i].data = texts.back();
            codec::store(reinterpret_cast<char*>(ids[i].bytes.data()), position);
            ids[i].bytes[15] = 1;
            stamps.push_back({Position(position), Revision(position - 1)});
        }
        AppendHeader header;
        header.principal = "tester";
        header.tracking = tracking;
        header.tracking_fingerprint = tracking != nullptr ? 77 : 0;
        append_.encode(header, made, ids);
        if (Status reserved = log->reserve(append_.bytes(), events); !reserved) return reserved;
        log->add(append_, stamps, TimeNs(static_cast<std::int64_t>(first) * 1000));
        return ok();
    }
    Status append(std::size_t events = 1, std::size_t data_bytes = 0) {
        if (Status added = add(events, data_bytes); !added) return added;
        if (Status written = log->write(); !written) return written;
        return log->sync();
    }
    void must_append(std::size_t events = 1, std::size_t data_bytes = 0) {
        const Status appended = append(events, data_bytes);
        ASSERT_TRUE(appended.has_value()) << appended.error().to_string();
    }

    /// Every durable event says what data_of() its position says, in order.
    void check_all(std::size_t data_bytes = 0) const {
        LogReader reader = log->reader();
        std::int64_t time = 0;
        for (std::uint64_t p = 1; p <= log->durable_end().value; ++p) {
            const auto event = reader.at(Position(p));
            ASSERT_TRUE(event.has_value()) << p << ": " << event.error().to_string();
            check_event(*event, p, data_bytes);
            ASSERT_GE(event->recorded_time.value, time);
            time = event->recorded_time.value;
        }
    }
    static void check_event(
        const StoredEvent& event, std::uint64_t position, std::size_t data_bytes = 0
    ) {
        ASSERT_EQ(event.position.value, position);
        ASSERT_EQ(event.revision.value, position - 1);
        model::RecordedEvent decoded;
        ASSERT_TRUE(model::decode_event_fields(event.envelope, decoded).has_value());
        ASSERT_TRUE(model::decode_event_fields(event.payload, decoded).has_value());
        ASSERT_EQ(decoded.stream, "order-7");
        ASSERT_EQ(decoded.data.substr(0, data_of(position).size()), data_of(position));
        if (data_bytes != 0) {
            ASSERT_EQ(decoded.data, data_of(position, data_bytes));
        }
    }

    [[nodiscard]] const std::string& directory() const { return directory_; }
    LogOptions& options() { return options_; }

    std::unique_ptr<SegmentLog> log;
    RecoveryReport report;

  private:
    FileSystem* files_;
    LogOptions options_;
    std::string directory_;
    EncodedAppend append_;
};

/// All bytes of a file.
inline std::string bytes_of(FileSystem& files, const std::string& path) {
    auto file = files.open(path, FileSystem::Mode::kRead);
    EXPECT_TRUE(file.has_value()) << path;
    return *(*file)->read_at(0, static_cast<std::size_t>(*(*file)->size()));
}

/// Names of files in a folder.
inline std::vector<std::string> names_in(FileSystem& files, const std::string& directory) {
    return *files.list(directory);
}

/// Puts bytes in the place of a file's.
inline void set_bytes(FileSystem& files, const std::string& path, std::string_view bytes) {
    if (*files.exists(path)) {
        ASSERT_TRUE(files.remove(path).has_value());
    }
    auto file = files.open(path, FileSystem::Mode::kCreate);
    ASSERT_TRUE(file.has_value());
    ASSERT_TRUE((*file)->write_at(0, bytes).has_value());
}

/// A copy of a folder's files in a file system of its own: what a crash at this moment would leave
/// of synced files.
inline std::unique_ptr<FileSystem> copy_of(FileSystem& files, const std::string& directory) {
    auto copy = make_memory_file_system();
    EXPECT_TRUE(copy->create_directories(directory).has_value());
    for (const std::string& name : names_in(files, directory)) {
        std::string path = directory + "/";
        path += name;
        set_bytes(*copy, path, bytes_of(files, path));
    }
    return copy;
}

/// Where the groups of a segment's bytes begin.
inline std::vector<std::size_t> group_offsets(std::string_view bytes) {
    std::vector<std::size_t> offsets;
    std::size_t at = detail::SegmentHeader::kBytes;
    while (const auto header = detail::decode_group_header(bytes.substr(std::min(at, bytes.size())))
    ) {
        offsets.push_back(at);
        at += header->total_bytes();
    }
    return offsets;
}

inline const std::string kFirstSegment = "log/00000000000000000001.seg";

/// A folder on the real disk that goes away with the test.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string pattern = ::testing::TempDir() + "annals-log-XXXXXX";
        path_ = ::mkdtemp(pattern.data());
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() { static_cast<void>(disk_file_system().remove_all(path_)); }
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
};

/// Every byte, chain and tree of the closed log.
inline void expect_whole(FileSystem& files, const std::string& directory = "log") {
    const auto report = verify_log(files, directory, {});
    ASSERT_TRUE(report.has_value()) << report.error().to_string();
    for (const Damage& damage : report->damages)
        ADD_FAILURE() << damage.segment << " at " << damage.offset << ": " << damage.what;
}

}  // namespace annals::log
