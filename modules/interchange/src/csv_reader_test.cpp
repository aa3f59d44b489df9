// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/interchange/csv_reader.hpp"

#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace annals::interchange {
namespace {

struct Row {
    std::uint64_t line;
    std::vector<std::string> fields;  // empty: bad
    std::string raw;
};

std::vector<Row> read_all(const std::string& text, CsvOptions options = {}) {
    std::istringstream input(text);
    CsvReader reader(input, options);
    std::vector<Row> rows;
    CsvRecord record;
    while (true) {
        const Result<bool> has_record = reader.next(record);
        if (has_record && !*has_record) break;
        EXPECT_EQ(record.number, rows.size() + 1);
        rows.push_back(
            {record.line, {record.fields.begin(), record.fields.end()}, std::string(record.raw)}
        );
        if (!has_record) {
            EXPECT_EQ(has_record.error().code(), ErrorCode::kInvalidArgument);
            EXPECT_TRUE(record.fields.empty());
        }
    }
    EXPECT_LE(reader.consumed_bytes(), text.size() + 3);
    return rows;
}

std::vector<std::vector<std::string>> fields_of(const std::string& text) {
    std::vector<std::vector<std::string>> fields;
    for (Row& row : read_all(text)) fields.push_back(std::move(row.fields));
    return fields;
}

using Fields = std::vector<std::vector<std::string>>;

TEST(CsvReader, ReadsPlainAndQuotedFields) {
    EXPECT_EQ(fields_of("a,b\n1,\"2\"\n"), (Fields{{"a", "b"}, {"1", "2"}}));
    EXPECT_EQ(fields_of("\"a,b\",\"say \"\"hi\"\"\",\n"), (Fields{{"a,b", "say \"hi\"", ""}}));
}

TEST(CsvReader, LineEndsInsideQuotesBelongToTheField) {
    const std::vector<Row> rows = read_all("a\n\"x\r\ny\"\nb\n");
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_EQ(rows[1].fields, (std::vector<std::string>{"x\r\ny"}));
    EXPECT_EQ(rows[1].raw, "\"x\r\ny\"");
    EXPECT_EQ(rows[1].line, 2u);
    EXPECT_EQ(rows[2].line, 4u);
}

TEST(CsvReader, TakesBothLineEndsAndAFileWithoutALastOne) {
    EXPECT_EQ(fields_of("a,b\r\nc,d\ne,f"), (Fields{{"a", "b"}, {"c", "d"}, {"e", "f"}}));
    EXPECT_EQ(fields_of("a\r"), (Fields{{"a"}}));
}

TEST(CsvReader, SkipsTheByteOrderMarkAndEmptyLines) {
    EXPECT_EQ(
        fields_of("\xEF\xBB\xBF"
                  "a\n\r\n\nb\n"),
        (Fields{{"a"}, {"b"}})
    );
    EXPECT_EQ(fields_of(""), Fields{});
    EXPECT_EQ(fields_of("\xEF\xBB\xBF"), Fields{});
}

TEST(CsvReader, EmptyFieldsStay) {
    EXPECT_EQ(fields_of(",,\n\"\",x\n"), (Fields{{"", "", ""}, {"", "x"}}));
}

TEST(CsvReader, ABadRecordIsNamedAndTheNextLineGoesOn) {
    for (const std::string bad : {"x\"y", "\"x\"y", "x\ry"}) {
        const std::vector<Row> rows = read_all("a\n" + bad + "\nb\n");
        ASSERT_EQ(rows.size(), 3u) << bad;
        EXPECT_TRUE(rows[1].fields.empty()) << bad;
        EXPECT_EQ(rows[1].raw, bad);
        EXPECT_EQ(rows[1].line, 2u);
        EXPECT_EQ(rows[2].fields, (std::vector<std::string>{"b"})) << bad;
        EXPECT_EQ(rows[2].line, 3u);
    }
}

TEST(CsvReader, AQuoteThatIsNeverClosedCostsItsOwnLineOnly) {
    const std::vector<Row> rows = read_all("a\n\"x\nb\nc\n");
    ASSERT_EQ(rows.size(), 4u);
    EXPECT_TRUE(rows[1].fields.empty());
    EXPECT_EQ(rows[3].fields, (std::vector<std::string>{"c"}));
}

TEST(CsvReader, ARecordAboveTheLimitIsBadAndSkippedWhole) {
    const std::string large(200'000, 'x');
    const std::vector<Row> rows = read_all("a\n" + large + "\nb\n", {.record_bytes_max = 1'000});
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_TRUE(rows[1].fields.empty());
    EXPECT_EQ(rows[2].fields, (std::vector<std::string>{"b"}));
    EXPECT_EQ(rows[2].line, 3u);
}

TEST(CsvReader, FieldsMayBeLargerThanTheBuffer) {
    const std::string large(300'000, 'x');
    const Fields fields = fields_of(large + ",\"" + large + "\"\"\"\nb\n");
    ASSERT_EQ(fields.size(), 2u);
    EXPECT_EQ(fields[0], (std::vector<std::string>{large, large + "\""}));
}

RC_GTEST_PROP(CsvReaderProperty, WhatIsWrittenInQuotesIsReadBack, ()) {
    const auto text = rc::gen::container<std::string>(
        rc::gen::element('a', ',', '"', '\n', '\r', ' ', '\xC3')
    );
    const auto rows = *rc::gen::nonEmpty(rc::gen::container<Fields>(
        rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(text))
    ));
    std::string file;
    for (const std::vector<std::string>& row : rows) {
        for (std::size_t at = 0; at < row.size(); ++at) {
            if (at > 0) file += ',';
            file += '"';
            for (const char sign : row[at]) file.append(sign == '"' ? 2 : 1, sign);
            file += '"';
        }
        file += "\r\n";
    }
    RC_ASSERT(fields_of(file) == rows);
}

}  // namespace
}  // namespace annals::interchange
