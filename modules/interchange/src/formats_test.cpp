// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "annals/interchange/csv_format.hpp"
#include "annals/interchange/json_formats.hpp"
#include "annals/interchange/xes_format.hpp"

#include "interchange_test_support.hpp"

namespace annals::interchange {
namespace {

using MakeSink = std::function<std::unique_ptr<RecordSink>(std::ostream&)>;
using MakeSource = std::function<std::unique_ptr<RecordSource>(std::istream&)>;

std::string written(const std::deque<Record>& records, const MakeSink& make) {
    std::ostringstream out;
    const std::unique_ptr<RecordSink> sink = make(out);
    EXPECT_TRUE(sink->begin(false));
    for (const Record& record : records) EXPECT_TRUE(sink->write(record));
    EXPECT_TRUE(sink->end());
    return out.str();
}

std::unique_ptr<KeptRecords> read(const std::string& text, const MakeSource& make) {
    std::istringstream in(text);
    const std::unique_ptr<RecordSource> source = make(in);
    auto kept = std::make_unique<KeptRecords>();
    Record record;
    while (true) {
        const Result<bool> has_record = source->next(record);
        if (!has_record)
            ADD_FAILURE() << has_record.error().to_string() << "\nline " << record.line;
        if (!has_record || !*has_record) return kept;
        kept->add(record);
    }
}

/// Everything that travels in every format.
void expect_equal(const model::NewEvent& read, const model::NewEvent& given) {
    EXPECT_EQ(read.stream, given.stream);
    EXPECT_EQ(read.type, given.type);
    EXPECT_EQ(read.id, given.id);
    EXPECT_EQ(read.valid_time, given.valid_time);
    EXPECT_EQ(read.schema_id, given.schema_id);
    EXPECT_EQ(read.actor, given.actor);
    EXPECT_EQ(read.correlation_id, given.correlation_id);
    EXPECT_EQ(read.causation_id, given.causation_id);
    EXPECT_EQ(read.traceparent, given.traceparent);
    EXPECT_EQ(read.tracestate, given.tracestate);
    EXPECT_TRUE(std::equal(read.tags.begin(), read.tags.end(), given.tags.begin(), given.tags.end())
    );
    EXPECT_EQ(read.metadata, given.metadata);
    EXPECT_EQ(model::fingerprint(read), model::fingerprint(given));
}

struct RoundTrip {
    MakeSink make_sink;
    MakeSource make_source;
    bool keeps_stamps = true;
    bool keeps_dialect = true;
    bool keeps_bytes = true;  ///< of data, also where JSON is spread over lines

    void check(std::uint64_t seed) const {
        RandomRecords random(seed);
        random.has_dialect = keeps_dialect;
        KeptRecords given;
        for (int n = 0; n < 40; ++n) {
            Record record = random.next();
            if (!keeps_bytes && record.event.data.find('\n') != std::string_view::npos) continue;
            if (!keeps_bytes && record.event.data.starts_with(' ')) continue;
            given.add(record);
        }
        const std::string text = written(given.records, make_sink);
        const std::unique_ptr<KeptRecords> back = read(text, make_source);
        ASSERT_EQ(back->records.size(), given.records.size()) << text;
        for (std::size_t at = 0; at < given.records.size(); ++at) {
            const Record& one = back->records[at];
            expect_equal(one.event, given.records[at].event);
            if (keeps_bytes) EXPECT_EQ(one.event.data, given.records[at].event.data);
            if (keeps_dialect) EXPECT_EQ(one.event.dialect, given.records[at].event.dialect);
            if (!keeps_stamps) continue;
            EXPECT_TRUE(one.has_stamp);
            EXPECT_EQ(one.event.position, given.records[at].event.position);
            EXPECT_EQ(one.event.revision, given.records[at].event.revision);
            EXPECT_EQ(one.event.recorded_time, given.records[at].event.recorded_time);
        }
        if (keeps_stamps) {
            EXPECT_EQ(written(back->records, make_sink), text);
        }
    }
};

std::unique_ptr<RecordSource> csv_source(std::istream& in) {
    auto source = open_csv_source(in, {});
    return source ? std::move(*source) : nullptr;
}
std::unique_ptr<RecordSource> xes_source(std::istream& in) {
    auto source = make_xes_source(in, {});
    return source ? std::move(*source) : nullptr;
}
std::unique_ptr<RecordSink> cloud_array(std::ostream& out) {
    return make_cloud_events_sink(out, CloudShape::kArray, "default");
}
std::unique_ptr<RecordSink> cloud_lines(std::ostream& out) {
    return make_cloud_events_sink(out, CloudShape::kLines, "default");
}

RC_GTEST_PROP(Formats, NdjsonGivesBackEveryByte, (std::uint64_t seed)) {
    RoundTrip{make_ndjson_sink, make_ndjson_source}.check(seed);
    RC_ASSERT(!::testing::Test::HasFailure());
}
RC_GTEST_PROP(Formats, CsvGivesBackEveryByte, (std::uint64_t seed)) {
    RoundTrip{make_csv_sink, csv_source}.check(seed);
    RC_ASSERT(!::testing::Test::HasFailure());
}
RC_GTEST_PROP(Formats, XesGivesBackEveryByte, (std::uint64_t seed)) {
    RoundTrip{make_xes_sink, xes_source}.check(seed);
    RC_ASSERT(!::testing::Test::HasFailure());
}
RC_GTEST_PROP(Formats, CloudEventsGiveBackWhatTheyHaveAPlaceFor, (std::uint64_t seed)) {
    RoundTrip{cloud_array, make_cloud_events_source, false, false, false}.check(seed);
    RoundTrip{cloud_lines, make_cloud_events_source, false, false, false}.check(seed);
    RC_ASSERT(!::testing::Test::HasFailure());
}

TEST(Formats, ALineOfNdjsonMayBeACloudEvent) {
    RoundTrip{cloud_lines, make_ndjson_source, false, false, false}.check(7);
}

/// What a source says of a text: ids of good ones and lines of bad ones; the code of its end.
struct Told {
    std::vector<std::string> types;
    std::vector<std::uint64_t> bad_lines;
    std::string end = "ok";
};

Told told(RecordSource& source) {
    Told told;
    Record record;
    while (true) {
        const Result<bool> has_record = source.next(record);
        if (has_record && !*has_record) return told;
        if (has_record) {
            told.types.emplace_back(record.event.type);
        } else if (is_bad_record(has_record.error())) {
            told.bad_lines.push_back(record.line);
        } else {
            told.end = has_record.error().info().name;
            return told;
        }
    }
}

TEST(Ndjson, BadLinesAreNamedAndTheRestGoesOn) {
    std::istringstream in(
        "\xEF\xBB\xBF{\"stream\":\"a-1\",\"type\":\"A\"}\r\n\n   \nnot json\n"
        "{\"stream\":\"a-1\",\"type\":\"B\",\"what\":1}\n{\"stream\":\"a-1\",\"type\":\"C\"}"
    );
    const Told all = told(*make_ndjson_source(in));
    EXPECT_EQ(all.types, (std::vector<std::string>{"A", "C"}));
    EXPECT_EQ(all.bad_lines, (std::vector<std::uint64_t>{4, 5}));
    EXPECT_EQ(all.end, "ok");
}

TEST(CloudEvents, AnArrayThatBreaksOffEndsWithItsLine) {
    const std::string event =
        R"({"specversion":"1.0","id":"1","source":"/x","type":"A","subject":"s-[1]\"}"})";
    const auto end_of = [](const std::string& text) {
        std::istringstream in(text);
        const Told all = told(*make_cloud_events_source(in));
        return all.end + " " + std::to_string(all.types.size());
    };
    EXPECT_EQ(end_of("[" + event + ",\n" + event + "]"), "ok 2");
    EXPECT_EQ(end_of("[]"), "ok 0");
    EXPECT_EQ(end_of(" \n[ ] "), "ok 0");
    EXPECT_EQ(end_of(event + "\n" + event), "ok 2");
    const std::vector<std::string> broken{
        "[" + event,
        "[" + event + ",",
        "[" + event + event + "]",
        "[" + event + "] x",
        "[" + event + ",]",
        "[" + event + ",,"
    };
    for (const std::string& text : broken) {
        EXPECT_NE(end_of(text), "ok 1") << text;
    }
}

Told told_xes(const std::string& text, XesOptions options = {}) {
    std::istringstream in(text);
    auto source = make_xes_source(in, std::move(options));
    EXPECT_TRUE(source);
    return source ? told(**source) : Told{};
}

TEST(Xes, ATraceIsAStreamAndAttributesBecomeData) {
    std::istringstream in(R"(<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0"><global scope="event"><string key="concept:name" value="x"/></global>
 <trace><string key="concept:name" value="17"/><string key="land" value="NL"/>
  <event><string key="concept:name" value="Opened"/>
   <date key="time:timestamp" value="2011-10-11T13:45:40.276+02:00"/>
   <string key="org:resource" value="Resource&#10;21"/><int key="n" value="007"/>
   <float key="f" value="1.5"/><boolean key="b" value="true"/>
   <string key="outer" value="o"><string key="inner" value="i"/></string></event>
 </trace><trace><event><string key="concept:name" value="Nowhere"/></event></trace></log>)");
    XesOptions options;
    options.stream_prefix = "case-";
    auto source = make_xes_source(in, options);
    ASSERT_TRUE(source);
    Record record;
    ASSERT_TRUE((*source)->next(record));
    EXPECT_EQ(record.event.stream, "case-17");
    EXPECT_EQ(record.event.type, "Opened");
    EXPECT_EQ(record.event.actor, "Resource\n21");
    EXPECT_EQ(record.event.valid_time->offset_minutes, 120);
    EXPECT_EQ(
        record.event.data,
        R"({"case:land":"NL","n":"007","f":1.5,"b":true,"outer":"o","outer/inner":"i"})"
    );
    const Result<bool> bad = (*source)->next(record);
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().message().substr(0, 17), "trace 2, event 1:");
    // Set aside, it is a XES log again that says the same.
    const RejectsFrame frame = (*source)->rejects_frame();
    EXPECT_EQ(told_xes(frame.head + std::string(record.raw) + frame.tail).bad_lines.size(), 1u);
}

/// The data of the only event, whose attributes (besides its name) are the text.
std::string xes_data(const std::string& attributes) {
    std::istringstream in(
        "<log><trace><string key=\"concept:name\" value=\"a\"/><event>"
        "<string key=\"concept:name\" value=\"A\"/>" +
        attributes + "</event></trace></log>"
    );
    const auto source = xes_source(in);
    Record record;
    const Result<bool> has_record = source->next(record);
    EXPECT_TRUE(has_record && *has_record);
    return std::string(record.event.data);
}

/// The same, exported; the annals:data that tell what the attributes do not are taken out.
std::string exported_xes(const std::string& data) {
    std::ostringstream out;
    const auto sink = make_xes_sink(out);
    Record record;
    record.event.stream = "a";
    record.event.type = "A";
    record.event.content_type = "application/json";
    record.event.data = data;
    EXPECT_TRUE(sink->begin(false));
    EXPECT_TRUE(sink->write(record));
    EXPECT_TRUE(sink->end());
    return out.str();
}

TEST(Xes, AListKeepsEveryValueAndTheirOrder) {
    EXPECT_EQ(
        xes_data(R"(<list key="l"><values><int key="a" value="1"/><int key="b" value="2"/>
            <int key="a" value="3"/></values></list><int key="n" value="4"/>)"),
        R"({"l":[{"a":1},{"b":2},{"a":3}],"n":4})"
    );
    EXPECT_EQ(
        xes_data(R"(<list key="l"><values>
            <string key="a" value="x"><int key="n" value="1"/></string>
            <string key="a" value="y"/>
            <list key="m"><values><float key="f" value="1.5"/></values></list>
            <list key="m"><values></values></list><nothing/></values></list>)"),
        R"({"l":[{"a":"x","a/n":1},{"a":"y"},{"m":[{"f":1.5}]},{"m":[]}]})"
    );
    EXPECT_EQ(
        xes_data(R"(<string key="o" value="v"><list key="l"><string key="of" value="list"/>
            <values><boolean key="b" value="true"/></values></list></string>)"),
        R"({"o":"v","o/l/of":"list","o/l":[{"b":true}]})"
    );
}

TEST(Xes, AKeyThatComesTwiceIsOneMemberWithAllItsValues) {
    EXPECT_EQ(
        xes_data(R"(<int key="k" value="1"/><int key="n" value="2"/><string key="k" value="x"/>)"),
        R"({"k":[1,"x"],"n":2})"
    );
    // A list as older versions of the standard wrote it.
    EXPECT_EQ(
        xes_data(R"(<list key="l"><int key="a" value="1"/><int key="a" value="2"/></list>)"),
        R"({"l/a":[1,2]})"
    );
    EXPECT_EQ(
        xes_data(R"(<list key="l"><values/></list><list key="l"><values/></list>)"),
        R"({"l":[[],[]]})"
    );
    std::istringstream in(R"(<log><trace><string key="concept:name" value="a"/>
        <list key="l"><values><int key="a" value="1"/><int key="a" value="2"/></values></list>
        <event><string key="concept:name" value="A"/></event></trace></log>)");
    const auto source = xes_source(in);
    Record record;
    ASSERT_TRUE(source->next(record));
    EXPECT_EQ(record.event.data, R"({"case:l":[{"a":1},{"a":2}]})");
}

TEST(Xes, OfWhatAnEventHasOnceTheFirstCountsAndTheOthersAreData) {
    std::istringstream in(R"(<log><trace><string key="concept:name" value="a"/>
        <string key="concept:name" value="b"/>
        <event><string key="concept:name" value="A"/><string key="concept:name" value="B"/>
        <string key="org:resource" value="ann"/><string key="org:resource" value="bob"/>
        <date key="time:timestamp" value="2024-01-01T00:00:00Z"/>
        <date key="time:timestamp" value="2024-01-02T00:00:00Z"/></event></trace></log>)");
    const auto source = xes_source(in);
    Record record;
    const Result<bool> has_record = source->next(record);
    ASSERT_TRUE(has_record && *has_record);
    EXPECT_EQ(record.event.stream, "a");
    EXPECT_EQ(record.event.type, "A");
    EXPECT_EQ(record.event.actor, "ann");
    const std::string data(record.event.data);
    EXPECT_EQ(
        data,
        R"({"case:concept:name":"b","concept:name":"B","org:resource":"bob",)"
        R"("time:timestamp":"2024-01-02T00:00:00Z"})"
    );
    // Of JSON that has such members, all comes back as well.
    std::istringstream exported(exported_xes(data));
    const auto again = xes_source(exported);
    const Result<bool> has_again = again->next(record);
    ASSERT_TRUE(has_again && *has_again);
    EXPECT_EQ(record.event.data, data);
}

TEST(Xes, AListIsExportedAsTheListItWas) {
    const std::string data =
        R"({"l":[{"a":1},{"b":"x"},{"a":"y","a/n":true},{"m":[{"f":1.5}]},{"m":[]}],"n":4})";
    const std::string text = exported_xes(data);
    EXPECT_EQ(text.find("annals:data"), std::string::npos) << text;
    EXPECT_NE(text.find("<list key=\"l\"><values>"), std::string::npos) << text;
    EXPECT_NE(text.find("<int key=\"a\" value=\"1\"/>"), std::string::npos) << text;
    std::istringstream in(text);
    const auto source = xes_source(in);
    Record record;
    const Result<bool> has_record = source->next(record);
    ASSERT_TRUE(has_record && *has_record);
    EXPECT_EQ(record.event.data, data);
}

TEST(Xes, WhatIsNoListIsToldAsDataAndComesBack) {
    std::string deep = R"({"a":1})";
    for (int n = 0; n < 40; ++n) deep.insert(0, "{\"l\":[").append("]}");
    const std::vector<std::string> all{
        R"({"l":[1,2]})",
        R"({"l":[{"sku":"a","n":1}],"n":4})",
        R"({"l":[{"a":1},{}]})",
        R"({"l":[{"a":1,"a/n":1,"a/n":2}]})",
        R"({"l":[{"a":null}]})",
        R"({"l":[{"a":1},[{"b":2}]],"n":4})",
        R"({"l":[ {"a":1} ]})",
        deep,
    };
    for (const std::string& data : all) {
        const std::string text = exported_xes(data);
        EXPECT_NE(text.find("annals:data"), std::string::npos) << text;
        std::istringstream in(text);
        const auto source = xes_source(in);
        Record record;
        const Result<bool> has_record = source->next(record);
        ASSERT_TRUE(has_record && *has_record) << data;
        EXPECT_EQ(record.event.data, data);
    }
}

TEST(Xes, HostileTextIsRefused) {
    const std::string bomb =
        "<?xml version=\"1.0\"?><!DOCTYPE log [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b "
        "\"&a;&a;&a;&a;&a;&a;\">]><log><trace><string key=\"concept:name\" value=\"&b;\"/>"
        "</trace></log>";
    const std::string broken(Error(ErrorCode::kUnreadableInput, "").info().name);
    EXPECT_EQ(told_xes(bomb).end, broken);
    std::string deep = "<log><trace>";
    for (int n = 0; n < 100; ++n) deep += "<string key=\"a\" value=\"b\">";
    EXPECT_EQ(told_xes(deep).end, broken);
    EXPECT_EQ(told_xes("<log><trace>").end, broken);
    EXPECT_EQ(told_xes("").end, broken);
    EXPECT_EQ(told_xes("<html/>").end, broken);
    EXPECT_EQ(told_xes("<log>&nosuch;</log>").end, broken);
    EXPECT_EQ(
        told_xes("<log><trace><event><string key=\"k\" value=\"\xff\"/></event>").end, broken
    );
    XesOptions small;
    small.element_bytes_max = 100'000;
    EXPECT_EQ(
        told_xes("<log><!-- " + std::string(1'000'000, 'x') + " --></log>", small).end, broken
    );
    std::string many = "<log><trace><event>";
    for (int n = 0; n < 10'000; ++n) many += "<int key=\"k\" value=\"1\"/>";
    EXPECT_EQ(told_xes(many + "</event></trace></log>", small).end, broken);
}

TEST(Xes, WhatStandsBeforeABreakIsRead) {
    const Told all = told_xes(
        "<log><trace><string key=\"concept:name\" value=\"a\"/><event><string "
        "key=\"concept:name\" value=\"A\"/></event><event></trace>"
    );
    EXPECT_EQ(all.types, (std::vector<std::string>{"A"}));
    EXPECT_NE(all.end, "ok");
}

TEST(Csv, OurOwnColumnsMayStandInAnyOrderAndUnknownOnesAreRefused) {
    std::istringstream in("type,stream,data\nA,a-1,{}\nB,a-1,\"{\"\"x\"\":1}\"\n");
    const Told all = told(*csv_source(in));
    EXPECT_EQ(all.types, (std::vector<std::string>{"A", "B"}));
    std::istringstream other("type,stream,note\nA,a-1,x\n");
    EXPECT_EQ(open_csv_source(other, {}).error().code(), ErrorCode::kConfigInvalid);
}

}  // namespace
}  // namespace annals::interchange
