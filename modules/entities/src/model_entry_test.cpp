// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "model_entry.hpp"

#include <string>

#include <gtest/gtest.h>

#include "annals/documents/canonical.hpp"
#include "annals/documents/document_text.hpp"

namespace annals::entities {
namespace {

ModelEntry pen() {
    ModelEntry entry;
    entry.position = Position(7);
    entry.is_kept = true;
    entry.state.has_document = true;
    entry.state.document = documents::parse_document(R"({"name":"pen","price":1.50})").value();
    entry.state.revision = Revision(3);
    entry.state.event_id = *Uuid::parse("01890a5d-ac96-774b-bcce-b302099a8057");
    entry.state.created = {TimeNs(-5), "ann"};
    entry.state.changed = {TimeNs(1'700'000'000'000'000'000), ""};
    entry.hash = documents::hash_of(entry.state.document);
    return entry;
}

TEST(ModelEntryTest, IsReadAsItWasWritten) {
    const std::string bytes = encode_entry(pen());
    const auto read = decode_entry(bytes, true);
    ASSERT_TRUE(read);
    EXPECT_EQ(encode_entry(*read), bytes);
    EXPECT_EQ(documents::to_text(read->state.document), R"({"name":"pen","price":1.50})");
    EXPECT_EQ(read->state.created, pen().state.created);
    EXPECT_EQ(read->state.changed, pen().state.changed);
    EXPECT_EQ(read->state.event_id, pen().state.event_id);
    const auto without = decode_entry(bytes, false);
    ASSERT_TRUE(without);
    EXPECT_EQ(without->hash, pen().hash);
    EXPECT_TRUE(without->state.document.is_null());
}

TEST(ModelEntryTest, WhatIsNotKeptIsAPosition) {
    ModelEntry entry = pen();
    entry.is_kept = false;
    EXPECT_EQ(encode_entry(entry), std::string("\x08\x07", 2));
    const auto read = decode_entry(encode_entry(entry), true);
    ASSERT_TRUE(read);
    EXPECT_FALSE(read->is_kept);
    EXPECT_EQ(read->position, Position(7));
}

TEST(ModelEntryTest, DamageIsNoEntry) {
    const std::string bytes = encode_entry(pen());
    EXPECT_FALSE(decode_entry(bytes.substr(0, bytes.size() - 1), true));
    EXPECT_FALSE(decode_entry(bytes + "\x7F", true));
    EXPECT_FALSE(decode_entry(std::string("\x08\x07\x10\x01", 4), true));
}

}  // namespace
}  // namespace annals::entities
