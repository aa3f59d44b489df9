// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// `annals crud` over a whole store in memory.
#include "crud_commands.hpp"

#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annals/entities/entity_store.hpp"
#include "annals/namespaces/testing/memory_store.hpp"

#include "program.hpp"

namespace annals::cli {
namespace {

class CrudCommandsTest : public ::testing::Test {
  protected:
    ExitCode run(std::vector<std::string> arguments) {
        out_.str("");
        err_.str("");
        session_.options = GlobalOptions();
        Program program(session_);
        add_crud_commands(program, [this](const GlobalOptions&) {
            return Result<std::unique_ptr<api::EntityStore>>(
                std::make_unique<entities::EntityStore>(memory_.store())
            );
        });
        arguments.insert(arguments.begin(), "crud");
        return program.run(std::move(arguments));
    }
    /// Its output without the last line break; fails the test when it does not go well.
    std::string said(const std::vector<std::string>& arguments) {
        EXPECT_EQ(run(arguments), ExitCode::kOk) << err_.str();
        std::string text = out_.str();
        if (text.ends_with('\n')) text.pop_back();
        return text;
    }
    Json json(std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"-o", "json"});
        return Json::parse(said(arguments), nullptr, false);
    }

    namespaces::testing::MemoryStore memory_;
    std::istringstream in_;
    std::ostringstream out_;
    std::ostringstream err_;
    Terminal terminal_{in_, out_, err_};
    Session session_{terminal_, [](const GlobalOptions&) {
                         return Result<std::unique_ptr<api::EventStore>>(
                             Error(ErrorCode::kInternal, "nobody asks for events")
                         );
                     }};
};

TEST_F(CrudCommandsTest, AnEntityLivesAndItsHistoryStays) {
    const std::string pen = R"({"name":"pen","price":1.50})";
    EXPECT_EQ(said({"create", "pen", "7", "--data", pen, "--actor", "ann"}), "pen 7 at revision 0");
    EXPECT_EQ(run({"create", "pen", "7", "--data", "{}"}), ExitCode::kPreconditionFailed);
    said({"patch", "pen", "7", "--data", R"({"price":2})", "--expect", "0"});
    EXPECT_EQ(
        run({"patch", "pen", "7", "--data", "{}", "--expect", "0"}), ExitCode::kPreconditionFailed
    );
    EXPECT_EQ(said({"get", "pen", "7"}), R"({"name":"pen","price":2})");
    EXPECT_EQ(said({"get", "pen", "7", "--as-of", "0"}), pen);
    EXPECT_EQ(run({"get", "pen", "7", "--as-of", "9"}), ExitCode::kNotFound);
    EXPECT_EQ(run({"get", "pen", "7", "--as-of", "2020-01-01T00:00:00Z"}), ExitCode::kNotFound);
    said(
        {"patch",
         "pen",
         "7",
         "--json-patch",
         "--data",
         R"([{"op":"replace","path":"/price","value":null}])"}
    );
    EXPECT_EQ(said({"diff", "pen", "7", "0", "1"}), R"({"price":2})");
    EXPECT_EQ(json({"diff", "pen", "7", "1", "2"})["format"], "json-patch");
    said({"undo", "pen", "7", "--to", "0"});
    EXPECT_EQ(said({"get", "pen", "7"}), pen);
    EXPECT_EQ(said({"replace", "pen", "7", "--data", pen}), "pen 7 unchanged at revision 3");
    said({"delete", "pen", "7"});
    EXPECT_EQ(run({"get", "pen", "7"}), ExitCode::kPreconditionFailed);
    EXPECT_NE(err_.str().find("entity_deleted"), std::string::npos) << err_.str();
    EXPECT_EQ(run({"get", "pen", "8"}), ExitCode::kNotFound);
    EXPECT_EQ(said({"get", "pen", "7", "--deleted"}), pen);
    const Json history = json({"history", "pen", "7"});
    ASSERT_EQ(history.size(), 5u) << history;
    EXPECT_EQ(history[0]["change"], "created");
    EXPECT_EQ(history[0]["actor"], "ann");
    EXPECT_EQ(history[0]["format"], "document");
    EXPECT_EQ(history[2]["format"], "json-patch");
    EXPECT_EQ(history[3]["undoes_to"], 0);
    EXPECT_EQ(history[4]["change"], "deleted");
    const Json entity = json({"get", "pen", "7", "--deleted"});
    EXPECT_EQ(entity["is_deleted"], true);
    EXPECT_EQ(entity["document"]["name"], "pen");
}

TEST_F(CrudCommandsTest, ListsFilterPageAndCount) {
    for (int number = 10; number < 22; ++number) {
        const std::string n = std::to_string(number);
        said({"create", "cup", n, "--data", R"({"n":)" + n + "}"});
    }
    said({"delete", "cup", "21"});
    const Json found = json({"list", "cup", "--where", "n>=19"});
    ASSERT_EQ(found.size(), 2u) << found;
    EXPECT_EQ(found[0]["id"], "19");
    EXPECT_EQ(found[1]["document"]["n"], 20);
    const Json page = json({"list", "cup", "--limit", "2", "--after", "12", "--no-documents"});
    ASSERT_EQ(page.size(), 2u);
    EXPECT_EQ(page[0]["id"], "13");
    EXPECT_FALSE(page[0].contains("document"));
    EXPECT_EQ(said({"count", "cup"}), "11");
    EXPECT_EQ(said({"count", "cup", "--deleted", "--where", "n>20"}), "1");
    EXPECT_EQ(run({"list", "cup", "--where", "nonsense"}), ExitCode::kUsage);
    EXPECT_EQ(run({"create", "cup", "x", "--data", "[]"}), ExitCode::kUsage);
}

TEST_F(CrudCommandsTest, AFlagWantsItsValue) {
    said({"create", "pen", "7", "--data", "{}"});
    EXPECT_EQ(run({"get", "pen", "7", "--as-of", ""}), ExitCode::kUsage);
    EXPECT_NE(err_.str().find("--as-of wants a value"), std::string::npos) << err_.str();
    EXPECT_NE(err_.str().find("leave it out"), std::string::npos) << err_.str();
    EXPECT_EQ(run({"undo", "pen", "7", "--to", ""}), ExitCode::kUsage);
    EXPECT_EQ(err_.str().find("leave it out"), std::string::npos) << "it is required";
    EXPECT_EQ(run({"get", "pen", "7", "--as-of", "foo"}), ExitCode::kUsage);
    for (const char* part : {"--as-of", "foo", "or a revision"}) {
        EXPECT_NE(err_.str().find(part), std::string::npos) << err_.str();
    }
    EXPECT_EQ(run({"list", "pen", "--where", "n>1", "--where", ""}), ExitCode::kUsage);
    EXPECT_NE(err_.str().find("--where wants a value"), std::string::npos) << err_.str();
    EXPECT_EQ(run({"patch", "pen", "7", "--data", ""}), ExitCode::kUsage);
    EXPECT_EQ(err_.str().find("wants a value"), std::string::npos) << "no JSON, but data";
}

TEST_F(CrudCommandsTest, AKeyMakesAChangeOnce) {
    said({"create", "log", "1", "--data", R"({"l":[]})"});
    const std::vector<std::string> add{
        "patch",
        "log",
        "1",
        "--json-patch",
        "--idempotency-key",
        "k",
        "--data",
        R"([{"op":"add","path":"/l/-","value":1}])"
    };
    EXPECT_EQ(said(add), "log 1 at revision 1");
    EXPECT_EQ(said(add), "log 1 at revision 1 (done before)");
    EXPECT_EQ(said({"get", "log", "1"}), R"({"l":[1]})");
}

TEST_F(CrudCommandsTest, NumbersKeepTheirDigits) {
    const std::string document = R"({"a":1.20,"b":[12345678901234567890,1e2],"c":-0.0})";
    said({"create", "pen", "7", "--data", document});
    const std::string one_line = said({"get", "pen", "7", "-o", "jsonl"});
    EXPECT_NE(one_line.find(R"("document":)" + document), std::string::npos) << one_line;
    EXPECT_NE(said({"get", "pen", "7", "-o", "json"}).find(R"("a": 1.20)"), std::string::npos);
    EXPECT_NE(said({"get", "pen", "7", "-o", "yaml"}).find("a: 1.20"), std::string::npos);
    EXPECT_NE(said({"history", "pen", "7", "-o", "jsonl"}).find(document), std::string::npos);
    EXPECT_NE(said({"list", "pen", "-o", "jsonl"}).find(document), std::string::npos);
}

TEST_F(CrudCommandsTest, ManyAreCreatedFromLines) {
    in_.str("{\"id\":\"a\",\"n\":1.50}\n\n{\"id\":2}\r\n");
    EXPECT_EQ(
        said({"create", "pen", "--from", "-", "--id-field", "id"}), "created 2 entities, 0 refused"
    );
    EXPECT_EQ(said({"get", "pen", "a"}), R"({"id":"a","n":1.50})");
    EXPECT_EQ(said({"get", "pen", "2"}), R"({"id":2})");
    EXPECT_EQ(said({"count", "pen"}), "2");
}

TEST_F(CrudCommandsTest, ManyAreCreatedFromAnArray) {
    in_.str(R"([{"n":1},{"n":2},
                {"n":3}])");
    EXPECT_EQ(said({"create", "pen", "--from", "-"}), "created 3 entities, 0 refused");
    EXPECT_EQ(said({"count", "pen", "--where", "n>=2"}), "2");
}

TEST_F(CrudCommandsTest, EachRefusedLineHasItsErrorAndTheOthersAreMade) {
    said({"create", "pen", "b", "--data", "{}"});
    in_.str("{\"id\":\"a\"}\n{\"id\":\"b\"}\nno json\n{\"n\":1}\n{\"id\":\"c\"}\n");
    EXPECT_EQ(run({"create", "pen", "--from", "-", "--id-field", "id"}), ExitCode::kFailed);
    EXPECT_EQ(out_.str(), "created 2 entities, 3 refused\n");
    EXPECT_NE(err_.str().find("line 2: entity_exists: "), std::string::npos) << err_.str();
    EXPECT_NE(err_.str().find("line 3: invalid_argument: "), std::string::npos) << err_.str();
    EXPECT_NE(err_.str().find("line 4: invalid_argument: "), std::string::npos) << err_.str();
    EXPECT_EQ(said({"count", "pen"}), "3");
    EXPECT_EQ(run({"create", "pen", "--from", "/nowhere/at/all"}), ExitCode::kFailed);
    EXPECT_EQ(run({"create", "pen", "x"}), ExitCode::kUsage);
}

}  // namespace
}  // namespace annals::cli
