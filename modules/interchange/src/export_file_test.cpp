// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/interchange/export_file.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <limits>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "annals/api/testing/fake_event_store.hpp"
#include "annals/interchange/exporter.hpp"
#include "annals/interchange/input_file.hpp"
#include "annals/interchange/json_formats.hpp"
#include "annals/interchange/store_source.hpp"

namespace annals::interchange {
namespace {

/// A store with events large enough that some marks are written, and exports of it that are stopped
/// after so many events.
class Exporting : public ::testing::Test, public ExportObserver {
  protected:
    static constexpr int kEvents = 300;

    void SetUp() override {
        folder = ::testing::TempDir() + "annals_export_" +
                 ::testing::UnitTest::GetInstance()->current_test_info()->name();
        std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder);
        // Hex of something that does not repeat, so that packing leaves enough of it.
        std::string data(kDataBytes, '\0');
        std::uint64_t state = 1;
        for (int n = 0; n < kEvents; ++n) {
            for (char& sign : data) {
                state = state * 6364136223846793005u + 1442695040888963407u;
                sign = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
                    [state >> 58u];
            }
            model::NewEvent event;
            const std::string stream = "order-" + std::to_string(n % 7);
            event.stream = stream;
            event.type = "Placed";
            const std::string text = "\"" + data + "\"";
            event.data = text;
            model::AppendRequest request;
            request.events.push_back(event);
            ASSERT_TRUE(store.append_and_wait({}, request));
        }
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    void on_progress(const ExportReport& so_far) override { records = so_far.records; }
    Status on_cursor(const RecordSource& source) override { return file->mark(source); }
    bool is_cancelled() override { return records >= stop_after; }

    /// One run of the export, as the command line makes it.
    Status run(const std::string& path, ReadOrder order = ReadOrder::kLog) {
        const std::string what = "ndjson test";
        std::string why_not;
        ANNALS_TRY(ExportPlan plan, ExportFile::find_plan(files, path, what, why_not));
        was_resumed = !plan.cursor.empty();
        StoreSourceOptions options;
        options.order = order;
        options.cursor = plan.cursor;
        options.end = Position(plan.end);
        ANNALS_TRY(const auto source, StoreSource::open(store, options));
        plan.log_name = source->log_name();
        plan.end = source->end().value;
        ANNALS_TRY(file, ExportFile::open(files, path, plan, false));
        const auto sink = make_ndjson_sink(file->stream());
        ExportReport report;
        records = 0;
        ANNALS_CHECK(export_records(*source, *sink, was_resumed, *this, report));
        return file->finish();
    }

    static std::string content(const std::string& path) {
        const auto input = InputFile::open(path);
        EXPECT_TRUE(input);
        return {std::istreambuf_iterator<char>((*input)->stream()), {}};
    }

    static constexpr std::size_t kDataBytes = 40'000;
    api::testing::FakeEventStore store;
    log::FileSystem& files = log::disk_file_system();
    std::string folder;
    std::unique_ptr<ExportFile> file;
    std::uint64_t records = 0;
    std::uint64_t stop_after = UINT64_MAX;
    bool was_resumed = false;
};

TEST_F(Exporting, AnExportThatNobodyCouldGoOnWithLeavesNothing) {
    const std::string path = folder + "/early.ndjson";
    stop_after = 1;
    EXPECT_EQ(run(path).error().code(), ErrorCode::kCancelled);
    EXPECT_TRUE(std::filesystem::exists(path + ".part"));
    const Result<bool> early = file->abandon();
    ASSERT_TRUE(early);
    EXPECT_FALSE(*early);
    EXPECT_FALSE(std::filesystem::exists(path + ".part"));
    EXPECT_FALSE(std::filesystem::exists(path));
    stop_after = kEvents * 3 / 4;
    EXPECT_EQ(run(path).error().code(), ErrorCode::kCancelled);
    const Result<bool> late = file->abandon();
    ASSERT_TRUE(late);
    EXPECT_TRUE(*late) << "what is safe is kept";
    EXPECT_TRUE(std::filesystem::exists(path + ".part"));
}

TEST_F(Exporting, AHalfThatIsShorterThanItsStateBeginsAnew) {
    const std::string path = folder + "/short.ndjson";
    stop_after = kEvents * 3 / 4;
    EXPECT_EQ(run(path).error().code(), ErrorCode::kCancelled);
    file.reset();
    std::filesystem::resize_file(path + ".part", 1'000);
    std::string why_not;
    const auto plan = ExportFile::find_plan(files, path, "ndjson test", why_not);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->cursor, "");
    EXPECT_NE(why_not, "");
    stop_after = UINT64_MAX;
    ASSERT_TRUE(run(path));
    EXPECT_FALSE(was_resumed);
    EXPECT_EQ(records, static_cast<std::uint64_t>(kEvents));
}

TEST_F(Exporting, AStoppedExportGoesOnAndIsTheSameFile) {
    for (const std::string ending : {".ndjson", ".ndjson.gz", ".ndjson.zst"}) {
        const std::string whole = folder + "/whole" + ending;
        const std::string halting = folder + "/halting" + ending;
        stop_after = UINT64_MAX;
        ASSERT_TRUE(run(whole));
        EXPECT_FALSE(std::filesystem::exists(whole + ".part"));
        stop_after = kEvents * 3 / 4;
        EXPECT_EQ(run(halting).error().code(), ErrorCode::kCancelled);
        file.reset();
        EXPECT_FALSE(std::filesystem::exists(halting));
        stop_after = UINT64_MAX;
        ASSERT_TRUE(run(halting));
        EXPECT_TRUE(was_resumed) << ending;
        EXPECT_LT(records, static_cast<std::uint64_t>(kEvents));
        EXPECT_FALSE(std::filesystem::exists(halting + ".part.state"));
        const std::string text = content(whole);
        EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), kEvents);
        EXPECT_EQ(content(halting), text) << ending;
    }
}

TEST_F(Exporting, StreamAfterStreamGoesOnBetweenStreams) {
    ASSERT_TRUE(run(folder + "/whole", ReadOrder::kStreams));
    stop_after = kEvents * 3 / 4;
    EXPECT_FALSE(run(folder + "/halting", ReadOrder::kStreams));
    stop_after = UINT64_MAX;
    ASSERT_TRUE(run(folder + "/halting", ReadOrder::kStreams));
    EXPECT_TRUE(was_resumed);
    EXPECT_EQ(content(folder + "/halting"), content(folder + "/whole"));
}

TEST_F(Exporting, AnExportThatGoesOnEndsWhereTheFirstRunWouldHave) {
    ASSERT_TRUE(run(folder + "/whole"));
    stop_after = kEvents * 3 / 4;
    EXPECT_FALSE(run(folder + "/halting"));
    model::NewEvent late;
    late.stream = "order-9";
    late.type = "Late";
    model::AppendRequest request;
    request.events.push_back(late);
    ASSERT_TRUE(store.append_and_wait({}, request));
    stop_after = UINT64_MAX;
    ASSERT_TRUE(run(folder + "/halting"));
    EXPECT_EQ(content(folder + "/halting"), content(folder + "/whole"));
}

TEST_F(Exporting, AFileThatIsThereIsNotReplacedUnasked) {
    ASSERT_TRUE(run(folder + "/whole"));
    EXPECT_EQ(run(folder + "/whole").error().code(), ErrorCode::kNotEmpty);
}

TEST_F(Exporting, APackedFileThatIsCutOffOrDamagedSaysSo) {
    for (const std::string ending : {".gz", ".zst"}) {
        const std::string path = folder + "/whole" + ending;
        ASSERT_TRUE(run(path));
        const auto failure_of = [&](const std::string& name) {
            const auto input = InputFile::open(name);
            (*input)->stream().ignore(std::numeric_limits<std::streamsize>::max());
            return (*input)->failure();
        };
        EXPECT_EQ(failure_of(path), "");
        const auto size = std::filesystem::file_size(path);
        std::filesystem::copy_file(path, folder + "/cut" + ending);
        std::filesystem::resize_file(folder + "/cut" + ending, size - 10);
        const auto cut = InputFile::open(folder + "/cut" + ending);
        (*cut)->stream().ignore(std::numeric_limits<std::streamsize>::max());
        EXPECT_TRUE((*cut)->stream().bad());
        EXPECT_NE((*cut)->failure(), "");
    }
}

}  // namespace
}  // namespace annals::interchange
