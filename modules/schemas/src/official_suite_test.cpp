// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// The JSON-Schema-Test-Suite of the specification's authors, as Debian has it (package
// libtest-json-schema-acceptance-perl): everything that a draft requires. The schemas of schemas
// that it refers to are those of Debian's python3-jsonschema.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "annals/documents/document_text.hpp"
#include "annals/schemas/schema.hpp"

namespace annals::schemas {
namespace {

namespace fs = std::filesystem;
using documents::Value;
using testing::IsEmpty;

constexpr std::string_view kSuite = "/usr/share/perl5/auto/share/dist/Test-JSON-Schema-Acceptance";

Value read_json(const fs::path& path) {
    std::ifstream in(path);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    auto value = documents::parse_document(text, path.string());
    EXPECT_TRUE(value) << value.error().to_string();
    return value ? std::move(*value) : Value();
}

std::vector<fs::path> json_files(const fs::path& folder, bool is_deep) {
    std::vector<fs::path> files;
    const auto add = [&](const auto& entries) {
        for (const fs::directory_entry& entry : entries) {
            if (entry.path().extension() == ".json") files.push_back(entry.path());
        }
    };
    if (is_deep) {
        add(fs::recursive_directory_iterator(folder));
    } else {
        add(fs::directory_iterator(folder));
    }
    std::sort(files.begin(), files.end());
    return files;
}

constexpr std::string_view kMetaschemas = "/usr/lib/python3/dist-packages/jsonschema/schemas";

/// The schemas of schemas.
std::vector<KnownSchema> metaschemas() {
    const fs::path folder(kMetaschemas);
    std::vector<KnownSchema> known;
    for (const std::string_view name : {"draft7.json", "draft2020-12.json"}) {
        Value schema = read_json(folder / name);
        std::string uri = schema.find("$id")->string();
        known.push_back({std::move(uri), std::move(schema)});
    }
    const Value vocabularies = read_json(folder / "vocabularies.json");
    for (const documents::Member& one : vocabularies.object()) {
        if (one.name.find("2020-12") != std::string::npos) known.push_back({one.name, one.value});
    }
    return known;
}

/// What the suite says is to be found at http://localhost:1234/.
std::vector<KnownSchema> remotes(const std::string& draft, const std::string& asked) {
    std::vector<KnownSchema> known;
    const fs::path root = fs::path(kSuite) / "remotes";
    for (const fs::path& file : json_files(root, true)) {
        const std::string place = fs::relative(file, root).string();
        const bool is_of_all = !place.starts_with("draft");
        // Those of all drafts have `$id`s as only draft 7 has them: what is asked for by name.
        if (is_of_all && draft != "draft7" && asked.find("1234/" + place) == std::string::npos) {
            continue;
        }
        if (is_of_all || place.starts_with(draft + "/"))
            known.push_back({"http://localhost:1234/" + place, read_json(file)});
    }
    return known;
}

struct Score {
    int passed = 0;
    int refused = 0;  ///< for a dialect of its own, which is not taken: the error says so
    std::vector<std::string> failed;
};

Score run(const std::string& folder, Draft draft) {
    Score score;
    for (const fs::path& file : json_files(fs::path(kSuite) / "tests" / folder, false)) {
        const Value groups = read_json(file);
        for (const Value& group : groups.array()) {
            const Value& text = *group.find("schema");
            CompileOptions options;
            options.draft = draft;
            const std::string shown = documents::to_text(text);
            const auto mentions = [&](std::string_view word) {
                return shown.find(word) != std::string::npos;
            };
            if (mentions("localhost:1234")) options.known = remotes(folder, shown);
            if (mentions("localhost:1234") || mentions(R"("$ref":"http)")) {
                const std::vector<KnownSchema> more = metaschemas();
                options.known.insert(options.known.end(), more.begin(), more.end());
            }
            const auto schema = Schema::compile(text, std::move(options));
            const std::string group_name = file.filename().string() + ": " +
                                           group.find("description")->string();
            for (const Value& test : group.find("tests")->array()) {
                std::string name = group_name + ": " + test.find("description")->string();
                const auto verdict = schema ? schema->validate(*test.find("data"))
                                            : Result<Verdict>(schema.error());
                const bool refuses_dialects = draft == Draft::k202012;
                const bool is_right = verdict &&
                                      verdict->is_valid() == test.find("valid")->boolean();
                if (!schema && refuses_dialects && file.filename() == "vocabulary.json") {
                    EXPECT_EQ(schema.error().field("place"), "/$schema");
                    ++score.refused;
                } else if (is_right) {
                    ++score.passed;
                } else {
                    if (!verdict) name += " (" + verdict.error().to_string() + ")";
                    score.failed.push_back(std::move(name));
                }
            }
        }
    }
    return score;
}

class OfficialSuite : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(fs::exists(kSuite) && fs::exists(kMetaschemas))
            << "the suite is not there: tools/setup/install_packages.sh --tests installs it";
    }
};

TEST_F(OfficialSuite, OfDraft7IsPassed) {
    const Score score = run("draft7", Draft::kDraft7);
    EXPECT_THAT(score.failed, IsEmpty());
    EXPECT_EQ(score.passed, 861);
}

TEST_F(OfficialSuite, Of202012IsPassed) {
    const Score score = run("draft2020-12", Draft::k202012);
    EXPECT_THAT(score.failed, IsEmpty());
    EXPECT_EQ(score.passed, 1'171);
    EXPECT_EQ(score.refused, 5);
}

}  // namespace
}  // namespace annals::schemas
