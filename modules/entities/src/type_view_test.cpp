// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "type_view.hpp"

#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "annals/documents/canonical.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/model/token.hpp"

namespace annals::entities {
namespace {

constexpr std::uint64_t kLog = 77;

ReadModelOptions in_memory() {
    ReadModelOptions options;
    options.is_in_memory = true;
    return options;
}

class TypeViewTest : public testing::Test {
  protected:
    /// An entity whose stream's last event is this one.
    static ModelEntry entry_of(Position position, Revision revision) {
        ModelEntry entry;
        entry.position = position;
        entry.is_kept = true;
        entry.state.has_document = true;
        entry.state.document = documents::parse_document(R"({"name":"pen"})").value();
        entry.state.revision = revision;
        entry.state.event_id = *Uuid::parse("01890a5d-ac96-774b-bcce-b302099a8057");
        entry.hash = documents::hash_of(entry.state.document);
        return entry;
    }
    void put(const std::string& id, const std::string& value) {
        rocksdb::WriteBatch batch;
        ASSERT_TRUE(batch.Put(entry_prefix(name_) + id, value).ok());
        ASSERT_TRUE(files_->write(batch));
    }
    std::unique_ptr<TypeView> view() {
        return std::make_unique<TypeView>(*files_, files_->scan(), entry_prefix(name_), kLog);
    }
    static api::StreamSummary stream_of(Position last, std::uint64_t events) {
        api::StreamSummary stream;
        stream.last_position = last;
        stream.events = events;
        return stream;
    }

    const TypeName name_{"default", "product"};
    std::unique_ptr<ModelFiles> files_ = ModelFiles::open(in_memory()).value();
};

TEST_F(TypeViewTest, FindsTheNewestStates) {
    for (const char* id : {"1", "2", "4", "9"}) {
        put(id, encode_entry(entry_of(Position(7), Revision(3))));
    }
    const auto names = view();
    for (const char* id : {"1", "2", "9", "4"}) {
        const auto found = names->find(id, stream_of(Position(7), 4), true);
        ASSERT_TRUE(found) << id;
        EXPECT_EQ(documents::to_text(found->state.document), R"({"name":"pen"})");
    }
    EXPECT_TRUE(names->find("1", stream_of(Position(7), 4), false)->state.document.is_null());
    EXPECT_FALSE(names->find("3", stream_of(Position(7), 4), true));
    EXPECT_FALSE(names->find("99", stream_of(Position(7), 4), true));
    EXPECT_FALSE(files_->has_failed());
}

TEST_F(TypeViewTest, AnOlderStateIsNone) {
    put("1", encode_entry(entry_of(Position(7), Revision(3))));
    const auto states = view();
    EXPECT_TRUE(states->find("1", stream_of(Position(7), 4), true));
    EXPECT_FALSE(states->find("1", stream_of(Position(8), 4), true));
    // Nor a newer one than the page of names that is looked at.
    EXPECT_FALSE(states->find("1", stream_of(Position(6), 4), true));
}

TEST_F(TypeViewTest, AStateOfWhichNotAllIsShownIsNone) {
    put("1", encode_entry(entry_of(Position(7), Revision(3))));
    const auto states = view();
    EXPECT_FALSE(states->find("1", stream_of(Position(7), 3), true));
    EXPECT_FALSE(states->find("1", stream_of(Position(7), 5), true));
}

TEST_F(TypeViewTest, WhatIsNotKeptIsNone) {
    ModelEntry entry = entry_of(Position(7), Revision(3));
    entry.is_kept = false;
    put("1", encode_entry(entry));
    EXPECT_FALSE(view()->find("1", stream_of(Position(7), 4), true));
    EXPECT_FALSE(files_->has_failed());
}

TEST_F(TypeViewTest, DamageIsNoneAndEndsTheFiles) {
    put("1", "\x7F no entry");
    EXPECT_FALSE(view()->find("1", stream_of(Position(7), 4), true));
    EXPECT_TRUE(files_->has_failed());
    EXPECT_EQ(files_->scan(), nullptr);
}

TEST_F(TypeViewTest, SpeaksForItsOwnLogAlone) {
    model::PositionToken token;
    token.log_id_bits = kLog;
    token.position = Position(7);
    EXPECT_TRUE(view()->speaks_for(model::format_token(token)));
    token.log_id_bits = kLog + 1;
    EXPECT_FALSE(view()->speaks_for(model::format_token(token)));
    EXPECT_FALSE(view()->speaks_for(""));
}

}  // namespace
}  // namespace annals::entities
