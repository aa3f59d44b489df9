// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
// The bytes on disk: testdata/segment.golden is a small segment in hex, and docs/formats/log.md
// shows it. A change here is a change of the format: page, golden file and format number go
// together.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "annals/codec/text.hpp"

#include "group_builder.hpp"
#include "group_header.hpp"
#include "log_meta.hpp"
#include "scavenge_test_support.hpp"
#include "segment_footer.hpp"
#include "segment_header.hpp"
#include "segment_scan.hpp"
#include "segment_sealer.hpp"

namespace annals::log {
namespace {

constexpr std::uint64_t kSalt = 0x1122334455667788u;

Uuid counting_uuid(std::uint8_t first) {
    Uuid id;
    for (std::size_t i = 0; i < id.bytes.size(); ++i)
        id.bytes[i] = static_cast<std::uint8_t>(first + i);
    return id;
}

/// Sixteen bytes a line, lines of zeros folded into one `*`.
std::string hex_dump(std::string_view bytes) {
    std::string out;
    bool is_folded = false;
    for (std::size_t at = 0; at < bytes.size(); at += 16) {
        const std::string_view line = bytes.substr(at, 16);
        const bool is_zero = line.find_first_not_of('\0') == std::string_view::npos;
        if (is_zero && is_folded) continue;
        is_folded = is_zero;
        if (is_zero) {
            out += "*\n";
            continue;
        }
        std::ostringstream offset;
        offset.width(6);
        offset << at;
        out += offset.str() + "  ";
        for (std::size_t i = 0; i < line.size(); i += 4) out += codec::hex(line.substr(i, 4)) + " ";
        out.back() = '\n';
    }
    return out;
}

/// One segment: a group of one append with two events, a mark, the footer.
std::string golden_segment(std::uint64_t salt = kSalt) {
    detail::SegmentHeader header;
    header.log_id = counting_uuid(0xa0);
    std::string bytes = detail::encode_segment_header(header);

    model::NewEvent events[2];
    events[0].stream = "order-7";
    events[0].type = "placed";
    events[0].data = R"({"sum":12})";
    events[1].stream = "order-7";
    events[1].type = "paid";
    events[1].tags = {"customer:3"};
    events[1].data = R"({})";
    const Uuid ids[2] = {counting_uuid(0x10), counting_uuid(0x20)};
    std::vector<std::uint8_t> salts(32);
    for (std::size_t i = 0; i < salts.size(); ++i) salts[i] = static_cast<std::uint8_t>(0xc0 + i);
    EncodedAppend append;
    AppendHeader append_header;
    append_header.principal = "ann";
    append.encode(append_header, events, ids, salts);

    detail::GroupBuilder builder;
    const Stamp stamps[2] = {{Position(1), Revision(0)}, {Position(2), Revision(1)}};
    const TimeNs time(1'700'000'000'000'000'000);
    detail::GroupHeader group;
    group.chain = builder.add(append, stamps, time, 0);
    group.salt = salt;
    group.first_position = Position(1);
    group.number = 1;
    group.recorded_time = time;
    const std::vector<std::uint32_t> offsets = {builder.record_offset(0), builder.record_offset(1)};
    bytes += builder.finish(group, Compression::kNone);

    builder.clear();
    detail::GroupHeader mark;
    mark.flags = detail::kGroupMark;
    mark.salt = salt;
    mark.previous_crc = group.crc;
    mark.first_position = Position(3);
    mark.number = 2;
    mark.durable_number = 1;
    mark.chain = group.chain;
    mark.recorded_time = time;
    bytes += builder.finish(mark, Compression::kNone);

    detail::SegmentScan scan;
    scan.end = {Position(2), time, group.chain, 2, mark.crc};
    scan.groups = 2;
    scan.appends = 1;
    scan.events = 2;
    scan.first_time = time;
    std::vector<std::uint32_t> table;
    detail::MerkleTree tree;
    for (std::size_t i = 0; i < 2; ++i) {
        const std::size_t at = detail::SegmentHeader::kBytes + detail::GroupHeader::kBytes +
                               offsets[i];
        table.push_back(detail::make_entry(at, false));
        tree.add(Position(i + 1), detail::leaf_of_record(std::string_view(bytes).substr(at)));
    }
    detail::SegmentFooter footer = detail::make_footer({header, scan, &tree});
    bytes += detail::encode_segment_footer(footer, bytes.size(), table);
    return bytes;
}

std::string golden_meta() {
    detail::LogMeta meta;
    meta.identity = {counting_uuid(0xa0), 1};
    meta.created = TimeNs(1'700'000'000'000'000'000);
    return detail::encode_log_meta(meta);
}

/// The golden segment after what `request` says.
std::string scavenged_segment(ScavengeRequest request) {
    const auto files = make_memory_file_system();
    EXPECT_TRUE(files->create_directories("log").has_value());
    set_bytes(*files, "log/LOG", golden_meta());
    const std::uint64_t salt = detail::salt_from(0x55667788u, counting_uuid(0xa0));
    set_bytes(*files, kFirstSegment, golden_segment(salt));
    TestLog log(*files);
    log.must_open();
    request.now = TimeNs(1'800'000'000'000'000'000);
    const auto done = log.log->scavenge(Position(1), request);
    EXPECT_TRUE(done.has_value()) << done.error().to_string();
    return bytes_of(*files, kFirstSegment);
}

std::string read_text(const std::string& path) {
    std::ifstream in(path);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

void expect_golden(const std::string& name, const std::string& dump) {
    const std::string path = "testdata/" + name;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing sets it
    if (std::getenv("ANNALS_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << dump;
    EXPECT_EQ(read_text(path), dump) << "the bytes on disk have changed";
    const std::string page = read_text("../../docs/formats/log.md");
    EXPECT_NE(page.find(dump), std::string::npos) << "docs/formats/log.md does not show " << path;
}

TEST(LogFormat, TheBytesOfASegmentAreThoseOfTheGoldenFileAndOfTheFormatPage) {
    expect_golden("segment.golden", hex_dump(golden_segment()));
}

TEST(LogFormat, TheBytesOfAScavengedSegmentAreThoseOfTheGoldenFileAndOfTheFormatPage) {
    const ScavengeRequest first = removing([](std::uint64_t position) { return position == 1; });
    expect_golden("scavenged_segment.golden", hex_dump(scavenged_segment(first)));
}

TEST(LogFormat, TheBytesOfASegmentWithARemovedRangeAreThoseOfTheGoldenFileAndOfTheFormatPage) {
    ScavengeRequest all = removing([](std::uint64_t) { return true; });
    all.is_foldable = [](const StoredEvent&) -> Result<bool> { return true; };
    expect_golden("folded_segment.golden", hex_dump(scavenged_segment(all)));
}

TEST(LogFormat, TheBytesOfTheLogFileAreThoseOfTheGoldenFileAndOfTheFormatPage) {
    expect_golden("log_meta.golden", hex_dump(golden_meta()));
}

}  // namespace
}  // namespace annals::log
