// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/entities/read_model.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "annals/documents/canonical.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/documents/testing/arbitrary_value.hpp"
#include "annals/entities/entity_store.hpp"
#include "annals/namespaces/namespaces.hpp"
#include "annals/order_local/local_orderer.hpp"

#include "model_files.hpp"

namespace annals::entities {
namespace {

namespace fs = std::filesystem;

using documents::to_text;
using documents::Value;
using documents::testing::below;

Value json(const std::string& text) { return documents::parse_document(text).value(); }

class Folder {
  public:
    Folder() {
        std::string pattern = testing::TempDir() + "annals-model-XXXXXX";
        path_ = ::mkdtemp(pattern.data());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { fs::remove_all(path_); }
    [[nodiscard]] std::string operator/(const std::string& name) const {
        return path_ + "/" + name;
    }

  private:
    std::string path_;
};

/// A server's store that can be closed and opened again, with lists by the model and lists by
/// folding over it: the same questions must get the same answers.
class Server {
  public:
    explicit Server(ReadModelOptions model, const std::string& data = "")
        : model_options_(std::move(model)),
          memory_files_(data.empty() ? log::make_memory_file_system() : nullptr),
          files_(data.empty() ? memory_files_.get() : &log::disk_file_system()),
          directory_((data.empty() ? "data" : data) + "/namespaces") {
        open();
    }
    ~Server() { close(); }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    void open() {
        namespaces::NamespacesOptions options;
        options.directory = directory_;
        options.files = files_;
        options.version = "test";
        options.open_orderer =
            [this](const std::string&, const std::string& directory, namespaces::LogKind kind) {
                order_local::OrdererOptions orderer;
                orderer.index.is_in_memory = true;
                orderer.log.has_tree = kind == namespaces::LogKind::kEvents;
                order_local::OpenReport report;
                return order_local::open_local_orderer(
                    *files_, directory, orderer, memory_, report
                );
            };
        store_ = std::move(namespaces::Namespaces::open(std::move(options)).value());
        folding_ = std::make_unique<EntityStore>(*store_);
        open_model();
    }
    void close() {
        close_model();
        folding_.reset();
        store_.reset();
    }
    void open_model() {
        model_ = std::move(ReadModel::open(*store_, model_options_).value());
        modelled_ = std::make_unique<EntityStore>(*store_, model_.get());
    }
    void close_model() {
        modelled_.reset();
        model_.reset();
    }
    /// What is on the disk now is all that the next one finds.
    void kill_model() {
        const std::string copy = model_options_.directory + ".killed";
        fs::copy(model_options_.directory, copy, fs::copy_options::recursive);
        close_model();
        fs::remove_all(model_options_.directory);
        fs::rename(copy, model_options_.directory);
        open_model();
    }
    void drop_model() {
        close_model();
        fs::remove_all(model_options_.directory);
        open_model();
    }

    namespaces::Namespaces& store() { return *store_; }
    ReadModel& model() { return *model_; }
    api::EntityStore& modelled() { return *modelled_; }
    api::EntityStore& folding() { return *folding_; }

    void append(
        const std::string& stream,
        const std::string& type,
        const std::string& data,
        const std::string& hash = "",
        const std::string& content_type = ""
    ) {
        model::NewEvent event;
        event.type = type;
        event.data = data;
        event.content_type = content_type;
        if (!hash.empty()) event.dialect.push_back({"entity.hash", hash});
        model::AppendRequest request;
        request.stream = stream;
        request.events.push_back(event);
        (void)store_->append_and_wait({}, request);
    }

  private:
    const ReadModelOptions model_options_;
    const std::unique_ptr<log::FileSystem> memory_files_;
    log::FileSystem* const files_;
    const std::string directory_;
    index::IndexMemory memory_{64u << 20u};
    std::unique_ptr<namespaces::Namespaces> store_;
    std::unique_ptr<EntityStore> folding_;
    std::unique_ptr<ReadModel> model_;
    std::unique_ptr<EntityStore> modelled_;
};

std::string text_of(const Stamp& stamp) {
    return std::to_string(stamp.time.value) + " " + stamp.actor;
}

std::string text_of(const Result<EntityPage>& page) {
    if (!page) return page.error().to_string();
    std::string text;
    for (const Entity& entity : page->entities) {
        text += entity.key.type + " " + entity.key.id + " " +
                std::to_string(entity.revision.value) + (entity.is_deleted ? " deleted " : " ") +
                text_of(entity.created) + " " + text_of(entity.changed) + " " + entity.hash + " " +
                to_text(entity.document) + " " + entity.position + "\n";
    }
    return text + "next " + page->next + " position " + page->position;
}

std::string text_of(const Result<EntityCount>& count) {
    if (!count) return count.error().to_string();
    return std::to_string(count->entities) + " next " + count->next + " " + count->position;
}

/// Pages, one after the other, and the count.
std::string everything(api::EntityStore& entities, ListEntities request) {
    const std::string counted = text_of(entities.count({}, request));
    std::string text;
    while (true) {
        const auto page = entities.list({}, request);
        text += text_of(page) + "\n";
        if (!page || page->next.empty()) return text + counted;
        request.after = page->next;
    }
}

ListEntities list_of(std::string type, std::uint32_t limit = 100) {
    ListEntities request;
    request.type = std::move(type);
    request.limit = limit;
    return request;
}

void fill(Server& server, int count, const std::string& name = "pen") {
    for (int first = 0; first < count; first += 1'000) {
        std::vector<NewEntity> many;
        for (int i = first; i < std::min(count, first + 1'000); ++i) {
            many.push_back(
                {"e" + std::to_string(i),
                 json(R"({"name":")" + name + R"(","n":)" + std::to_string(i) + "}")}
            );
        }
        ASSERT_TRUE(server.folding().create_many({}, "product", std::move(many)));
    }
}

class ReadModelTest : public testing::Test {
  protected:
    /// Patient: how much was folded does not depend on how busy the machine is.
    [[nodiscard]] ReadModelOptions options() const {
        ReadModelOptions options;
        options.directory = folder_ / "model";
        options.catch_up_ns_max = 60'000'000'000;
        return options;
    }
    static void expect_alike(Server& server, const ListEntities& request) {
        EXPECT_EQ(everything(server.modelled(), request), everything(server.folding(), request));
    }

    Folder folder_;
};

TEST_F(ReadModelTest, AnswersWithoutFolding) {
    Server server(options());
    fill(server, 300);
    ListEntities request = list_of("product", 1'000);
    request.filters.push_back(parse_filter("n>=200").value());
    for (int round = 1; round <= 2; ++round) {
        const auto page = server.modelled().list({}, request);
        ASSERT_TRUE(page) << page.error().to_string();
        EXPECT_EQ(page->entities.size(), 100u);
        const ReadModelCounts counts = server.model().counts();
        EXPECT_EQ(counts.folded, 0u);
        EXPECT_EQ(counts.answered, 300u * static_cast<unsigned>(round));
        EXPECT_EQ(counts.events, 300u);
        EXPECT_EQ(counts.lag_events, 0u);
    }
    expect_alike(server, request);
    // What was written before the call is in the answer, and only that is folded into the model.
    ASSERT_TRUE(server.folding().replace({}, {"product", "e7"}, json(R"({"n":1000})")));
    expect_alike(server, request);
    EXPECT_EQ(server.model().counts().folded, 0u);
    EXPECT_EQ(server.model().counts().events, 301u);
}

TEST_F(ReadModelTest, CountsMoreThanAFoldLooksAt) {
    Server server(options());
    fill(server, 12'000);
    const auto count = server.modelled().count({}, list_of("product"));
    ASSERT_TRUE(count);
    EXPECT_EQ(count->entities, 12'000u);
    EXPECT_EQ(count->next, "");
    EXPECT_EQ(server.folding().count({}, list_of("product"))->entities, 10'000u);
}

TEST_F(ReadModelTest, GoesOnAfterARestartWhereItWas) {
    Server server(options());
    fill(server, 300);
    expect_alike(server, list_of("product"));
    server.close();
    server.open();
    ASSERT_TRUE(server.folding().remove({}, {"product", "e1"}));
    expect_alike(server, list_of("product"));
    EXPECT_EQ(server.model().counts().events, 1u);
    EXPECT_EQ(server.model().counts().folded, 0u);
    EXPECT_EQ(server.model().counts().rebuilds, 0u);
}

TEST_F(ReadModelTest, IsBuiltBehindAListThatDoesNotWaitForIt) {
    ReadModelOptions hasty = options();
    hasty.catch_up_ns_max = 0;
    Server server(hasty);
    fill(server, 3'000);
    expect_alike(server, list_of("product"));
    server.model().wait_until_built();
    EXPECT_EQ(server.model().counts().events, 3'000u);
    const std::uint64_t folded = server.model().counts().folded;
    expect_alike(server, list_of("product"));
    EXPECT_EQ(server.model().counts().folded, folded);
}

TEST_F(ReadModelTest, WhatIsNotShownWholeIsFolded) {
    Server server(options());
    // Without hashes the rest folds to another document, which nobody may be shown.
    server.append("product-1", "product.Created", R"({"a":1,"b":1})");
    server.append("product-1", "product.Updated", R"({"b":2})");
    server.append("product-1", "product.Updated", R"({"c":3})");
    expect_alike(server, list_of("product"));
    EXPECT_EQ(server.model().counts().folded, 0u);
    api::TruncateStreamRequest request;
    request.stream = "product-1";
    request.before = Revision(1);
    ASSERT_TRUE(server.store().truncate_stream({}, request));
    const auto page = EntityStore(server.store(), &server.model()).list({}, list_of("product"));
    EXPECT_EQ(text_of(page), text_of(EntityStore(server.store()).list({}, list_of("product"))));
    ASSERT_TRUE(page);
    EXPECT_TRUE(page->entities.empty()) << text_of(page);
    ASSERT_EQ(page->unreadable.size(), 1u);
    EXPECT_EQ(page->unreadable[0].id, "1");
    EXPECT_GT(server.model().counts().folded, 0u);
}

/// Changes with the right hash, with a wrong one, and without: what a get says, with nothing in
/// memory or with all, the list says, with the model or without, however far each had come.
TEST_F(ReadModelTest, SaysOfMixedHistoriesWhatAGetSays) {
    // C: created, U: updated, W: replaced whole, D: deleted, N: noted; + right, ! wrong, - no hash.
    struct Row {
        std::string history;
        std::string said;
    };
    const std::vector<Row> rows{
        {"C+U+", "2"},
        {"C+U-", "2"},
        {"C-U+", "2"},
        {"C-U-", "2"},
        {"C+U-U+U-", "4"},
        {"C!", "unreadable"},
        {"C+U!", "unreadable"},
        {"C+U!U-", "unreadable"},
        {"C!U-", "unreadable"},
        {"C+U!N-U-", "unreadable"},
        {"C+U!D-U-", "unreadable"},
        {"C+U!U-U+", "unreadable"},
        {"C+U!U-U-U-", "unreadable"},
        {"C+U!N-", "unreadable"},
        // The last of those in a row that have one speaks for all.
        {"C+U!U+", "3"},
        {"C!U!U+U-", "4"},
        {"C+U+U!", "unreadable"},
        // What brings the whole document needs nothing of before.
        {"C+U!C-", "3"},
        {"C+U!U-C-U-", "5"},
        {"C+U!W-", "3"},
        {"C+U!U-W-U+", "5"},
        {"C!D-C+", "3"},
        {"C+U!U-D-", "deleted"},
    };
    Server server(options());
    EntityStore warm(server.store());
    const auto said_by = [](api::EntityStore& entities, const std::string& id) {
        const auto entity = entities.get({}, {"product", id}, {});
        if (entity) return to_text(*entity->document.find("n"));
        return std::string(entity.error().info().name).substr(std::string("entity_").size());
    };
    const auto listed_by = [](api::EntityStore& entities, const std::string& id) -> std::string {
        const auto page = entities.list({}, list_of("product"));
        if (!page) return page.error().to_string();
        for (const Entity& entity : page->entities) {
            if (entity.key.id == id) return to_text(*entity.document.find("n"));
        }
        for (const UnreadableEntity& entity : page->unreadable) {
            if (entity.id == id) return "unreadable";
        }
        return "deleted";
    };
    for (const bool is_stepwise : {false, true}) {
        for (const Row& row : rows) {
            const std::string id = (is_stepwise ? "s" : "w") + row.history;
            const std::string stream = stream_of({"product", id});
            for (std::size_t i = 0; i < row.history.size(); i += 2) {
                const std::string document = R"({"n":)" + std::to_string(i / 2 + 1) + "}";
                const char kind = row.history[i];
                const std::string right = documents::hash_of(json(document));
                const std::string hash = row.history[i + 1] == '+'   ? right
                                         : row.history[i + 1] == '!' ? std::string(64, '0')
                                                                     : "";
                if (kind == 'C') server.append(stream, "product.Created", document, hash);
                if (kind == 'U') server.append(stream, "product.Updated", document, hash);
                if (kind == 'D') server.append(stream, "product.Deleted", "{}");
                if (kind == 'N') server.append(stream, "product.Noted", "{}");
                if (kind == 'W') {
                    server.append(
                        stream,
                        "product.Updated",
                        R"([{"op":"replace","path":"","value":)" + document + "}]",
                        hash,
                        "application/json-patch+json"
                    );
                }
                if (!is_stepwise) continue;
                // More than a few, so that each state stays in memory for the next step.
                for (int n = 0; i == 0 && n < 10; ++n) server.append(stream, "product.Noted", "{}");
                (void)warm.get({}, {"product", id}, {});
                (void)server.modelled().list({}, list_of("product"));
            }
            EntityStore cold(server.store());
            EXPECT_EQ(said_by(cold, id), row.said) << id;
            EXPECT_EQ(said_by(warm, id), row.said) << id;
            EXPECT_EQ(listed_by(server.folding(), id), row.said) << id;
            EXPECT_EQ(listed_by(server.modelled(), id), row.said) << id;
        }
    }
    EXPECT_GT(server.model().counts().answered, 0u);
}

TEST_F(ReadModelTest, DoesNotAnswerForANamespaceThatWasMadeAgain) {
    Server server(options());
    api::CallContext context;
    context.name_space = "shop";
    for (const std::string name : {"old", "new"}) {
        ASSERT_TRUE(server.store().create_namespace({}, "shop"));
        // The same entities at the same positions.
        for (const char* id : {"1", "2"}) {
            const Value document = json(R"({"name":")" + name + "\"}");
            ASSERT_TRUE(server.folding().create(context, "product", {id, document}, {}));
        }
        for (int round = 0; round < 2; ++round) {
            EXPECT_EQ(
                text_of(server.modelled().list(context, list_of("product"))),
                text_of(EntityStore(server.store()).list(context, list_of("product")))
            );
        }
        ASSERT_TRUE(server.store().delete_namespace({}, "shop"));
    }
    EXPECT_EQ(server.model().counts().rebuilds, 1u);
    // Nobody asks for it any more: it goes with the next opening.
    server.close_model();
    server.open_model();
    server.close_model();
    EXPECT_FALSE(server.store().read(context, {}));
}

TEST_F(ReadModelTest, DoesNotAnswerForAnotherServer) {
    for (const std::string name : {"one", "another"}) {
        Server server(options());
        fill(server, 20, name);
        expect_alike(server, list_of("product"));
        expect_alike(server, list_of("product"));
        EXPECT_EQ(server.model().counts().rebuilds, name == "one" ? 0u : 1u);
        // Nothing of the other one is left: all of it is answered.
        server.model().wait_until_built();
        const std::uint64_t folded = server.model().counts().folded;
        expect_alike(server, list_of("product"));
        EXPECT_EQ(server.model().counts().folded, folded);
    }
}

TEST_F(ReadModelTest, DoesNotAnswerForALogThatWasRestoredAndWentItsOwnWay) {
    const std::string data = folder_ / "data";
    const std::string backup = folder_ / "backup";
    {
        Server server(options(), data);
        fill(server, 10);
        expect_alike(server, list_of("product"));
        server.close();
        fs::copy(data, backup, fs::copy_options::recursive);
        server.open();
        ASSERT_TRUE(server.folding().replace({}, {"product", "e3"}, json(R"({"name":"lost"})")));
        expect_alike(server, list_of("product"));
    }
    fs::remove_all(data);
    fs::rename(backup, data);
    {
        // Beyond the end of the restored log.
        Server server(options(), data);
        expect_alike(server, list_of("product"));
        EXPECT_EQ(server.model().counts().rebuilds, 1u);
        ASSERT_TRUE(server.folding().replace({}, {"product", "e3"}, json(R"({"name":"a"})")));
        expect_alike(server, list_of("product"));
        server.close();
        fs::copy(data, backup, fs::copy_options::recursive);
        server.open();
        ASSERT_TRUE(server.folding().replace({}, {"product", "e4"}, json(R"({"name":"b"})")));
        expect_alike(server, list_of("product"));
    }
    fs::remove_all(data);
    fs::rename(backup, data);
    // As many events, the last another one in the same stream.
    ReadModelOptions none;
    none.is_in_memory = true;
    {
        Server server(none, data);
        ASSERT_TRUE(server.folding().replace({}, {"product", "e4"}, json(R"({"name":"c"})")));
    }
    Server server(options(), data);
    expect_alike(server, list_of("product"));
    EXPECT_EQ(server.model().counts().rebuilds, 1u);
    EXPECT_NE(
        everything(server.modelled(), list_of("product")).find(R"({"name":"c"})"), std::string::npos
    );
}

TEST_F(ReadModelTest, ThrowsDamagedFilesAway) {
    Server server(options());
    fill(server, 300);
    expect_alike(server, list_of("product"));
    server.close_model();
    int damaged = 0;
    for (const auto& file : fs::directory_iterator(options().directory)) {
        if (file.path().extension() != ".sst") continue;
        std::fstream out(file.path(), std::ios::in | std::ios::out | std::ios::binary);
        out.seekp(static_cast<std::streamoff>(fs::file_size(file.path()) / 2));
        out << std::string(64, '\xA5');
        ++damaged;
    }
    ASSERT_GT(damaged, 0);
    server.open_model();
    expect_alike(server, list_of("product"));
    expect_alike(server, list_of("product"));
    EXPECT_GT(server.model().counts().failures, 0u);
    server.close_model();
    server.open_model();
    expect_alike(server, list_of("product"));
    EXPECT_EQ(server.model().counts().failures, 0u);
    EXPECT_EQ(server.model().counts().folded, 0u);
}

TEST_F(ReadModelTest, AnswersAlikeWhateverFileOfItIsDamaged) {
    Server server(options());
    fill(server, 300);
    expect_alike(server, list_of("product"));
    server.close_model();
    const fs::path model = options().directory;
    const fs::path whole = folder_ / "whole";
    fs::copy(model, whole, fs::copy_options::recursive);
    const std::vector<std::function<void(const fs::path&)>> damages{
        [](const fs::path& file) { fs::remove(file); },
        [](const fs::path& file) { fs::resize_file(file, 0); },
        [](const fs::path& file) { fs::resize_file(file, fs::file_size(file) / 2); },
        [](const fs::path& file) {
            std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
            out.seekp(static_cast<std::streamoff>(fs::file_size(file) / 3));
            out << std::string(64, '\xA5');
        },
    };
    int files = 0;
    for (const auto& file : fs::directory_iterator(whole)) {
        const std::string name = file.path().filename();
        if (!file.is_regular_file() || name == "LOCK") continue;
        ++files;
        for (std::size_t damage = 0; damage < damages.size(); ++damage) {
            SCOPED_TRACE(name + ", damage " + std::to_string(damage));
            fs::remove_all(model);
            fs::copy(whole, model, fs::copy_options::recursive);
            damages[damage](model / name);
            // Also when it changes before damage is met, and after the one that met it was closed.
            for (int round = 0; round < 2; ++round) {
                server.open_model();
                ASSERT_TRUE(server.folding().replace(
                    {},
                    {"product", "e7"},
                    json("{\"n\":" + std::to_string(files * 10 + round) + "}"),
                    {},
                    true
                ));
                expect_alike(server, list_of("product"));
                expect_alike(server, list_of("product"));
                server.close_model();
            }
        }
    }
    EXPECT_GE(files, 4);  // CURRENT, MANIFEST, OPTIONS and what it knows
    fs::remove_all(model);
    server.open_model();
}

TEST_F(ReadModelTest, AnotherFormatIsThrownAway) {
    Server server(options());
    fill(server, 20);
    expect_alike(server, list_of("product"));
    for (const std::string format : {"0", "2", ""}) {
        server.close_model();
        {
            // What it says of entities would be believed: only the format is another one.
            const auto files = ModelFiles::open(options()).value();
            rocksdb::WriteBatch batch;
            ASSERT_TRUE(batch.Put("f", format).ok());
            ASSERT_TRUE(files->write(batch));
        }
        server.open_model();
        expect_alike(server, list_of("product"));
        EXPECT_EQ(server.model().counts().events, 20u) << "built anew";
        EXPECT_EQ(server.model().counts().folded, 0u);
    }
}

TEST_F(ReadModelTest, IsReadWhileOthersWrite) {
    ReadModelOptions hasty = options();
    hasty.catch_up_ns_max = 1'000'000;
    Server server(hasty);
    std::atomic<int> created{0};
    constexpr int kEntities = 300;
    std::thread writer([&] {
        for (int i = 0; i < kEntities; ++i) {
            const std::string id = std::to_string(1'000 + i);
            EXPECT_TRUE(server.folding().create({}, "product", {id, json("{}")}, {}));
            created.store(i + 1);
        }
    });
    std::vector<std::thread> readers;
    readers.reserve(2);
    for (int reader = 0; reader < 2; ++reader) {
        readers.emplace_back([&] {
            for (int seen = 0; seen < kEntities;) {
                seen = created.load();
                const auto page = server.modelled().list({}, list_of("product", 1'000));
                ASSERT_TRUE(page) << page.error().to_string();
                EXPECT_GE(page->entities.size(), static_cast<std::size_t>(seen));
            }
        });
    }
    writer.join();
    for (std::thread& reader : readers) reader.join();
    expect_alike(server, list_of("product"));
}

/// One step of somebody who uses, abuses and hides entities of two types.
void step(Server& server) {
    const EntityKey key{below(3) == 0 ? "a-b" : "a", std::to_string(below(6))};
    const std::string stream = (key.type == "a" ? "a-" : "a%2db-") + key.id;
    const auto document = [] {
        return json(
            R"({"n":)" + std::to_string(below(4)) + R"(,"x":)" +
            to_text(documents::testing::arbitrary_value(1)) + "}"
        );
    };
    api::EntityStore& entities = server.folding();
    switch (below(20)) {
        case 0:
            (void)entities.remove({}, key, {});
            return;
        case 1:
            (void)entities.undo({}, key, Revision(static_cast<std::uint64_t>(below(4))), {});
            return;
        case 2:
            server.append(stream, "x.Created", to_text(document()));
            return;
        case 3:
            server.append(
                stream, "x.Updated", R"({"n":null,"m":1})", "", "application/merge-patch+json"
            );
            return;
        case 4:
            server.append(stream, "x.Deleted", "{}");
            return;
        case 5:
            server.append(stream, "x.Noted", "whatever");
            return;
        case 6:
            if (below(3) == 0) server.append(stream, "x.Updated", "broken");
            return;
        case 7:
            if (below(3) == 0) server.append(stream, "x.Updated", "{}", std::string(64, '0'));
            return;
        case 8:
            server.append(below(2) == 0 ? "a" : "a-", "x.Created", to_text(document()));
            return;
        case 9: {
            api::TruncateStreamRequest request;
            request.stream = stream;
            request.before = Revision(static_cast<std::uint64_t>(below(4)));
            if (below(3) == 0) (void)server.store().truncate_stream({}, request);
            return;
        }
        case 10: {
            api::DeleteStreamRequest request;
            request.stream = stream;
            if (below(2) == 0) (void)server.store().delete_stream({}, request);
            return;
        }
        case 11: {
            api::SetMetadataRequest request;
            if (below(2) == 0) {
                request.target.stream = stream;
            } else {
                request.target.category = "a";
            }
            if (below(2) == 0) request.metadata.max_count = 1 + static_cast<unsigned>(below(3));
            if (below(3) == 0) (void)server.store().set_stream_metadata({}, request);
            return;
        }
        case 12:
            if (below(4) != 0) return;
            server.append(
                stream, "x.Created", R"({"large":")" + std::string(300'000, 'a') + R"("})"
            );
            return;
        default:
            (void)entities.replace({}, key, document(), {}, true);
            return;
    }
}

RC_GTEST_PROP(ReadModelProperty, ItsAnswersAreThoseOfFolding, ()) {
    const Folder folder;
    ReadModelOptions options;
    options.directory = folder / "model";
    if (below(4) == 0) options.catch_up_ns_max = 0;
    Server server(options);
    std::uint64_t answered = 0;
    for (int rounds = below(5) + 2; rounds > 0; --rounds) {
        for (int steps = below(20); steps > 0; --steps) step(server);
        switch (below(8)) {
            case 0:
                server.close();
                server.open();
                break;
            case 1:
                server.kill_model();
                break;
            case 2:
                server.drop_model();
                break;
            default:
                break;
        }
        for (const char* type : {"a", "a-b"}) {
            ListEntities request = list_of(type, static_cast<std::uint32_t>(below(4) + 1));
            request.with_deleted = below(2) == 0;
            request.skip_documents = below(3) == 0;
            const std::vector<std::string> filters{"n=1", "n>=2", "x?", "m!=1", "x<2", "x^=a"};
            for (int count = below(3); count > 0; --count) {
                request.filters.push_back(parse_filter(documents::testing::one_of(filters)).value()
                );
            }
            // Stores of their own: what a fold says of hidden or broken events also depends on what
            // its store has in memory.
            EntityStore modelled(server.store(), &server.model());
            EntityStore folding(server.store());
            const std::string answer = everything(modelled, request);
            RC_ASSERT(answer == everything(folding, request));
            answered += server.model().counts().answered;
        }
    }
    RC_TAG(answered > 0 ? "from the model" : "folded alone");
}

}  // namespace
}  // namespace annals::entities
