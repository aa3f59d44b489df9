// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/documents/patch.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "annals/documents/document_text.hpp"
#include "annals/documents/testing/arbitrary_value.hpp"

namespace annals::documents {
namespace {

Value json(std::string_view text) {
    auto value = parse_document(text);
    EXPECT_TRUE(value) << text << ": " << value.error().to_string();
    return value ? *value : Value();
}

Result<std::string> patched(PatchFormat format, std::string_view document, std::string_view patch) {
    ANNALS_TRY(const Value value, apply({format, json(patch)}, json(document)));
    return to_text(value);
}

struct Example {
    std::string document;
    std::string patch;
    std::string result;
};

TEST(MergePatch, DoesWhatTheStandardsExamplesSay) {
    // RFC 7396, appendix A
    const std::vector<Example> examples{
        {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
        {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
        {R"({"a":"b"})", R"({"a":null})", R"({})"},
        {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
        {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
        {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
        {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
        {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
        {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
        {R"({"a":"b"})", R"(["c"])", R"(["c"])"},
        {R"({"a":"foo"})", R"(null)", R"(null)"},
        {R"({"a":"foo"})", R"("bar")", R"("bar")"},
        {R"({"e":null})", R"({"a":1})", R"({"a":1,"e":null})"},
        {R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
        {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
    };
    for (const Example& example : examples) {
        const auto result = patched(PatchFormat::kMerge, example.document, example.patch);
        ASSERT_TRUE(result) << example.patch;
        EXPECT_EQ(*result, example.result) << example.document << " with " << example.patch;
    }
}

TEST(JsonPatch, DoesWhatTheStandardsExamplesSay) {
    // RFC 6902, appendix A
    const std::vector<Example> examples{
        {R"({"foo":"bar"})",
         R"([{"op":"add","path":"/baz","value":"qux"}])",
         R"({"baz":"qux","foo":"bar"})"},
        {R"({"foo":["bar","baz"]})",
         R"([{"op":"add","path":"/foo/1","value":"qux"}])",
         R"({"foo":["bar","qux","baz"]})"},
        {R"({"baz":"qux","foo":"bar"})", R"([{"op":"remove","path":"/baz"}])", R"({"foo":"bar"})"},
        {R"({"foo":["bar","qux","baz"]})",
         R"([{"op":"remove","path":"/foo/1"}])",
         R"({"foo":["bar","baz"]})"},
        {R"({"baz":"qux"})", R"([{"op":"replace","path":"/baz","value":"boo"}])", R"({"baz":"boo"})"
        },
        {R"({"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}})",
         R"([{"op":"move","from":"/foo/waldo","path":"/qux/thud"}])",
         R"({"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}})"},
        {R"({"foo":["all","grass","cows","eat"]})",
         R"([{"op":"move","from":"/foo/1","path":"/foo/3"}])",
         R"({"foo":["all","cows","eat","grass"]})"},
        {R"({"baz":"qux","foo":["a",2,"c"]})",
         R"([{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2.0}])",
         R"({"baz":"qux","foo":["a",2,"c"]})"},
        {R"({"foo":"bar"})",
         R"([{"op":"add","path":"/child","value":{"grandchild":{}}}])",
         R"({"child":{"grandchild":{}},"foo":"bar"})"},
        {R"({"foo":"bar"})",
         R"([{"op":"add","path":"/baz","value":"qux","xyz":123}])",
         R"({"baz":"qux","foo":"bar"})"},
        {R"({"/":9,"~1":10})", R"([{"op":"test","path":"/~01","value":10}])", R"({"/":9,"~1":10})"},
        {R"({"foo":["bar"]})",
         R"([{"op":"add","path":"/foo/-","value":["abc","def"]}])",
         R"({"foo":["bar",["abc","def"]]})"},
        {R"({"a":1})", R"([{"op":"replace","path":"","value":[null]}])", R"([null])"},
        {R"({"a":{"b":1}})",
         R"([{"op":"copy","from":"/a","path":"/c"}])",
         R"({"a":{"b":1},"c":{"b":1}})"},
    };
    for (const Example& example : examples) {
        const auto result = patched(PatchFormat::kJson, example.document, example.patch);
        ASSERT_TRUE(result) << example.patch << ": " << result.error().to_string();
        EXPECT_EQ(*result, example.result) << example.document << " with " << example.patch;
    }
}

TEST(JsonPatch, ShowsWhatWasSentAndWhatIsThere) {
    const auto refused = [](const std::string& patch) {
        const auto result = patched(PatchFormat::kJson, R"({"a":1,"list":[1]})", patch);
        EXPECT_FALSE(result) << patch;
        return result ? Error(ErrorCode::kInternal, "") : result.error();
    };
    const Error op = refused(R"([{"op":"spin","path":"/a"}])");
    EXPECT_EQ(op.field("value"), "spin");
    EXPECT_NE(op.message().find(R"(patch[0].op "spin" is)"), std::string::npos) << op.message();
    EXPECT_EQ(refused(R"([{"op":7,"path":"/a"}])").field("value"), "7");
    EXPECT_EQ(refused(R"([{"op":"add","path":[1],"value":1}])").field("value"), "[1]");
    const Error test = refused(R"([{"op":"test","path":"/a","value":"9"}])");
    EXPECT_EQ(test.field("field"), "patch[0].value");
    EXPECT_EQ(test.field("value"), R"("9")");
    EXPECT_EQ(test.field("path"), "/a");
    EXPECT_EQ(test.field("rule"), "it is 1 there");
    for (const std::string operation : {"remove", "replace", "test"}) {
        const Error none = refused(R"([{"op":")" + operation + R"(","path":"/none","value":1}])");
        EXPECT_EQ(none.field("value"), "/none");
        EXPECT_EQ(none.field("rule"), "there is nothing to " + operation);
        EXPECT_NE(none.message().find("read the document"), std::string::npos) << none.message();
    }
}

TEST(JsonPatch, SaysWhichOperationDoesNotFit) {
    struct Case {
        std::string patch;
        ErrorCode code;
        std::string field;
    };
    const std::vector<Case> cases{
        {R"({})", ErrorCode::kInvalidArgument, "patch"},
        {R"([{"op":"add","path":"/x/y","value":1}])", ErrorCode::kPatchFailed, "patch[0].path"},
        {R"([{"op":"test","path":"/a","value":1},{"op":"test","path":"/a","value":2}])",
         ErrorCode::kPatchFailed,
         "patch[1].value"},
        {R"([{"op":"remove","path":"/none"}])", ErrorCode::kPatchFailed, "patch[0].path"},
        {R"([{"op":"replace","path":"/none","value":1}])", ErrorCode::kPatchFailed, "patch[0].path"
        },
        {R"([{"op":"add","path":"/list/4","value":1}])", ErrorCode::kPatchFailed, "patch[0].path"},
        {R"([{"op":"add","path":"/list/01","value":1}])", ErrorCode::kPatchFailed, "patch[0].path"},
        {R"([{"op":"move","from":"/o","path":"/o/in"}])", ErrorCode::kPatchFailed, "patch[0].from"},
        {R"([{"op":"copy","from":"/none","path":"/b"}])", ErrorCode::kPatchFailed, "patch[0].from"},
        {R"([{"op":"spin","path":"/a"}])", ErrorCode::kInvalidArgument, "patch[0].op"},
        {R"([{"op":"add","path":"/a"}])", ErrorCode::kInvalidArgument, "patch[0].value"},
        {R"([{"op":"add","path":"a","value":1}])", ErrorCode::kInvalidArgument, "patch[0].path"},
        {R"([{"op":"add","path":"/~2","value":1}])", ErrorCode::kInvalidArgument, "patch[0].path"},
        {R"([{"op":"move","path":"/a"}])", ErrorCode::kInvalidArgument, "patch[0].from"},
    };
    for (const Case& wrong : cases) {
        const auto result = patched(
            PatchFormat::kJson, R"({"a":1,"list":[1,2,3],"o":{}})", wrong.patch
        );
        ASSERT_FALSE(result) << wrong.patch;
        EXPECT_EQ(result.error().code(), wrong.code) << wrong.patch;
        EXPECT_EQ(result.error().field("field"), wrong.field) << wrong.patch;
    }
}

TEST(JsonPatch, CopiesOfCopiesAreBounded) {
    std::string patch = "[";
    for (int i = 0; i < 64; ++i) {
        if (i > 0) patch += ",";
        patch += R"({"op":"copy","from":"/a","path":"/a/-"})";
    }
    const auto result = patched(PatchFormat::kJson, R"({"a":[1,2,3,4]})", patch + "]");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), ErrorCode::kLimitExceeded);
}

TEST(JsonPatch, NestingIsBounded) {
    std::string deep;
    for (std::size_t i = 0; i < kDepthMax - 1; ++i) deep += "[";
    deep += std::string(kDepthMax - 1, ']');
    const std::string document = R"({"a":)" + deep + R"(,"b":{}})";
    const auto result = patched(
        PatchFormat::kJson, document, R"([{"op":"copy","from":"/a","path":"/b/c"}])"
    );
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), ErrorCode::kLimitExceeded);
}

TEST(Diff, IsAMergePatchOfWhatChangedAlone) {
    const Patch patch = diff(
        json(R"({"a":1,"b":{"x":1,"y":2},"c":[1,2]})"), json(R"({"a":1,"b":{"x":1,"y":3},"d":{}})")
    );
    EXPECT_EQ(patch.format, PatchFormat::kMerge);
    EXPECT_EQ(to_text(patch.body), R"({"b":{"y":3},"c":null,"d":{}})");
}

TEST(Diff, IsAJsonPatchWhereANullMemberIsSet) {
    const Patch patch = diff(json(R"({"a":1,"l":[1,2,3,4]})"), json(R"({"a":null,"l":[1,3,4]})"));
    EXPECT_EQ(patch.format, PatchFormat::kJson);
    EXPECT_EQ(
        to_text(patch.body),
        R"([{"op":"replace","path":"/a","value":null},{"op":"remove","path":"/l/1"}])"
    );
}

TEST(Diff, LeavesANullMemberThatWasThereToTheMergePatch) {
    const Patch patch = diff(json(R"({"a":null,"b":1})"), json(R"({"a":null,"b":2})"));
    EXPECT_EQ(patch.format, PatchFormat::kMerge);
    EXPECT_EQ(to_text(patch.body), R"({"b":2})");
}

RC_GTEST_PROP(Diff, AppliedToTheFirstGivesTheSecond, ()) {
    const bool are_objects = testing::below(4) > 0;
    const Value before = are_objects ? testing::arbitrary_object(4) : testing::arbitrary_value(4);
    const Value after = are_objects ? testing::arbitrary_object(4) : testing::arbitrary_value(4);
    const Patch patch = diff(before, after);
    RC_TAG(patch.format == PatchFormat::kMerge ? "merge" : "json");
    RC_ASSERT(check(patch));
    const auto applied = apply(patch, before);
    RC_ASSERT(applied);
    RC_ASSERT(to_text(*applied) == to_text(after));
}

RC_GTEST_PROP(Diff, OfObjectsSurvivesItsOwnText, ()) {
    const Value before = testing::arbitrary_object(4);
    const Value after = testing::arbitrary_object(4);
    const Patch patch = diff(before, after);
    const auto read_again = parse_document(to_text(patch.body));
    RC_ASSERT(read_again);
    const auto applied = apply({patch.format, *read_again}, before);
    RC_ASSERT(applied);
    RC_ASSERT(*applied == after);
}

RC_GTEST_PROP(Diff, IsEmptyExactlyWhenNothingChanges, ()) {
    const Value before = testing::arbitrary_object(3);
    const Value after = testing::below(2) == 1 ? before : testing::arbitrary_object(3);
    RC_ASSERT(is_empty(diff(before, after)) == (before == after));
}

RC_GTEST_PROP(JsonPatch, BetweenTheElementsOfArraysGivesTheSecond, ()) {
    // A null member keeps the merge patch out of the way.
    Object first{{"l", testing::arbitrary_value(3)}};
    Object second{{"l", testing::arbitrary_value(3)}, {"n", Value()}};
    const Value before{first};
    const Value after{second};
    const Patch patch = diff(before, after);
    RC_ASSERT(patch.format == PatchFormat::kJson);
    const auto applied = apply(patch, before);
    RC_ASSERT(applied);
    RC_ASSERT(*applied == after);
}

}  // namespace
}  // namespace annals::documents
