// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// Part of event_store_contract.hpp: the life of a stream, row by row of the KurrentDB protocol
// (5.4 expected version, 5.5 idempotency, 5.6 deletes, truncation, metadata), as changed by
// docs/adr/0007.

#include <algorithm>
#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "event_store_fixture.hpp"

namespace annals::conformance {

/// Words for the rows.
class StreamLifeContract : public EventStoreContract {
  protected:
    using Expected = model::ExpectedRevision;

    static api::SetMetadataRequest metadata_for(
        const std::string& stream, model::StreamMetadata metadata, Expected expected = {}
    ) {
        api::SetMetadataRequest request;
        request.target.stream = stream;
        request.metadata = std::move(metadata);
        request.expected = expected;
        return request;
    }
    api::LifeResponse say(const std::string& stream, model::StreamMetadata metadata) {
        return must(store().set_stream_metadata({}, metadata_for(stream, std::move(metadata))));
    }
    Result<api::LifeResponse> remove(const std::string& stream, Expected expected = {}) {
        return store().delete_stream({}, {stream, expected, ""});
    }
    Result<api::LifeResponse> tombstone(const std::string& stream, Expected expected = {}) {
        return store().tombstone_stream({}, {stream, expected, ""});
    }
    Result<api::LifeResponse> truncate(
        const std::string& stream, std::uint64_t before, Expected expected = {}
    ) {
        return store().truncate_stream({}, {stream, Revision(before), expected});
    }
    Result<api::StreamMetadataInfo> metadata_of(const std::string& stream) {
        return store().get_stream_metadata({}, {stream, ""});
    }
    void accept_events(const std::string& stream, int events) {
        for (int i = 0; i < events; ++i) accept(stream, {event_of()});
    }
    /// Revisions that reading shows, forwards and backwards alike, page by page too.
    Numbers shown(const std::string& stream) {
        const Numbers forwards = revisions(read_of(stream));
        Numbers backwards = revisions(read_back(stream));
        std::reverse(backwards.begin(), backwards.end());
        EXPECT_EQ(forwards, backwards);
        api::ReadRequest paged = read_of(stream);
        paged.limit = 2;
        EXPECT_EQ(forwards.size(), all_positions(paged).size());
        paged = read_back(stream);
        paged.limit = 2;
        EXPECT_EQ(forwards.size(), all_positions(paged).size());
        return forwards;
    }
    Numbers revisions(const api::ReadRequest& request) {
        Numbers found;
        const api::ReadPage page = read(request);
        const auto events = page.events.decode();
        EXPECT_TRUE(events.has_value());
        for (const auto& event : *events) found.push_back(event.revision.value);
        return found;
    }
    static model::StreamMetadata count_of(std::uint64_t count) {
        model::StreamMetadata metadata;
        metadata.max_count = count;
        return metadata;
    }

    // The states of a stream, each with the last revision 1 where it has events.
    void make_new(const std::string&) {}
    void make_live(const std::string& stream) { accept_events(stream, 2); }
    void make_deleted(const std::string& stream) {
        accept_events(stream, 2);
        must(remove(stream));
    }
    void make_tombstoned(const std::string& stream) {
        accept_events(stream, 2);
        must(tombstone(stream));
    }
    void make_metadata_alone(const std::string& stream) { say(stream, count_of(9)); }
    void make_revived(const std::string& stream) {
        accept_events(stream, 1);
        must(remove(stream));
        accept_events(stream, 1);
    }
    void make_undeleted(const std::string& stream) {
        make_deleted(stream);
        say(stream, count_of(9));
    }
};

}  // namespace annals::conformance
