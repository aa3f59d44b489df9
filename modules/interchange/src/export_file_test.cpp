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
        folder_ = ::testing::TempDir() + "annals_export_" +
                  ::testing::UnitTest::GetInstance()->current_test_info()->name();
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
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
            ASSERT_TRUE(store_.append_and_wait({}, request));
        }
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    void on_progress(const ExportReport& so_far) override { records_ = so_far.records; }
    Status on_cursor(const RecordSource& source) override { return file_->mark(source); }
    bool is_cancelled() override { return records_ >= stop_after_; }

    /// One run of the export, as the command line makes it.
    Status run(const std::string& path, ReadOrder order = ReadOrder::kLog) {
        const std::string what = "ndjson test";
        std::string why_not;
        ANNALS_TRY(ExportPlan plan, ExportFile::find_plan(files_, path, what, why_not));
        was_resumed_ = !plan.cursor.empty();
        StoreSourceOptions options;
        options.order = order;
        options.cursor = plan.cursor;
        options.end = Position(plan.end);
        ANNALS_TRY(const auto source, StoreSource::open(store_, options));
        plan.log_name = source->log_name();
        plan.end = source->end().value;
        ANNALS_TRY(file_, ExportFile::open(files_, path, plan, false));
        const auto sink = make_ndjson_sink(file_->stream());
        ExportReport report;
        records_ = 0;
        ANNALS_CHECK(export_records(*source, *sink, was_resumed_, *this, report));
        return file_->finish();
    }

    static std::string content(const std::string& path) {
        const auto input = InputFile::open(path);
        EXPECT_TRUE(input);
        return {std::istreambuf_iterator<char>((*input)->stream()), {}};
    }

    static constexpr std::size_t kDataBytes = 40'000;
    api::testing::FakeEventStore store_;
    log::FileSystem& files_ = log::disk_file_system();
    std::string folder_;
    std::unique_ptr<ExportFile> file_;
    std::uint64_t records_ = 0;
    std::uint64_t stop_after_ = UINT64_MAX;
    bool was_resumed_ = false;
};

TEST_F(Exporting, AnExportThatNobodyCouldGoOnWithLeavesNothing) {
    const std::string path = folder_ + "/early.ndjson";
    stop_after_ = 1;
    EXPECT_EQ(run(path).error().code(), ErrorCode::kCancelled);
    EXPECT_TRUE(std::filesystem::exists(path + ".part"));
    const Result<bool> early = file_->abandon();
    ASSERT_TRUE(early);
    EXPECT_FALSE(*early);
    EXPECT_FALSE(std::filesystem::exists(path + ".part"));
    EXPECT_FALSE(std::filesystem::exists(path));
    stop_after_ = kEvents * 3 / 4;
    EXPECT_EQ(run(path).error().code(), ErrorCode::kCancelled);
    const Result<bool> late = file_->abandon();
    ASSERT_TRUE(late);
    EXPECT_TRUE(*late) << "what is safe is kept";
    EXPECT_TRUE(std::filesystem::exists(path + ".part"));
}

TEST_F(Exporting, AHalfThatIsShorterThanItsStateBeginsAnew) {
    const std::string path = folder_ + "/short.ndjson";
    stop_after_ = kEvents * 3 / 4;
    EXPECT_EQ(run(path).error().code(), ErrorCode::kCancelled);
    file_.reset();
    std::filesystem::resize_file(path + ".part", 1'000);
    std::string why_not;
    const auto plan = ExportFile::find_plan(files_, path, "ndjson test", why_not);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->cursor, "");
    EXPECT_NE(why_not, "");
    stop_after_ = UINT64_MAX;
    ASSERT_TRUE(run(path));
    EXPECT_FALSE(was_resumed_);
    EXPECT_EQ(records_, static_cast<std::uint64_t>(kEvents));
}

TEST_F(Exporting, AStoppedExportGoesOnAndIsTheSameFile) {
    for (const std::string ending : {".ndjson", ".ndjson.gz", ".ndjson.zst"}) {
        const std::string whole = folder_ + "/whole" + ending;
        const std::string halting = folder_ + "/halting" + ending;
        stop_after_ = UINT64_MAX;
        ASSERT_TRUE(run(whole));
        EXPECT_FALSE(std::filesystem::exists(whole + ".part"));
        stop_after_ = kEvents * 3 / 4;
        EXPECT_EQ(run(halting).error().code(), ErrorCode::kCancelled);
        file_.reset();
        EXPECT_FALSE(std::filesystem::exists(halting));
        stop_after_ = UINT64_MAX;
        ASSERT_TRUE(run(halting));
        EXPECT_TRUE(was_resumed_) << ending;
        EXPECT_LT(records_, static_cast<std::uint64_t>(kEvents));
        EXPECT_FALSE(std::filesystem::exists(halting + ".part.state"));
        const std::string text = content(whole);
        EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), kEvents);
        EXPECT_EQ(content(halting), text) << ending;
    }
}

TEST_F(Exporting, StreamAfterStreamGoesOnBetweenStreams) {
    ASSERT_TRUE(run(folder_ + "/whole", ReadOrder::kStreams));
    stop_after_ = kEvents * 3 / 4;
    EXPECT_FALSE(run(folder_ + "/halting", ReadOrder::kStreams));
    stop_after_ = UINT64_MAX;
    ASSERT_TRUE(run(folder_ + "/halting", ReadOrder::kStreams));
    EXPECT_TRUE(was_resumed_);
    EXPECT_EQ(content(folder_ + "/halting"), content(folder_ + "/whole"));
}

TEST_F(Exporting, AnExportThatGoesOnEndsWhereTheFirstRunWouldHave) {
    ASSERT_TRUE(run(folder_ + "/whole"));
    stop_after_ = kEvents * 3 / 4;
    EXPECT_FALSE(run(folder_ + "/halting"));
    model::NewEvent late;
    late.stream = "order-9";
    late.type = "Late";
    model::AppendRequest request;
    request.events.push_back(late);
    ASSERT_TRUE(store_.append_and_wait({}, request));
    stop_after_ = UINT64_MAX;
    ASSERT_TRUE(run(folder_ + "/halting"));
    EXPECT_EQ(content(folder_ + "/halting"), content(folder_ + "/whole"));
}

TEST_F(Exporting, AFileThatIsThereIsNotReplacedUnasked) {
    ASSERT_TRUE(run(folder_ + "/whole"));
    EXPECT_EQ(run(folder_ + "/whole").error().code(), ErrorCode::kNotEmpty);
}

TEST_F(Exporting, APackedFileThatIsCutOffOrDamagedSaysSo) {
    for (const std::string ending : {".gz", ".zst"}) {
        const std::string path = folder_ + "/whole" + ending;
        ASSERT_TRUE(run(path));
        const auto failure_of = [&](const std::string& name) {
            const auto input = InputFile::open(name);
            (*input)->stream().ignore(std::numeric_limits<std::streamsize>::max());
            return (*input)->failure();
        };
        EXPECT_EQ(failure_of(path), "");
        const auto size = std::filesystem::file_size(path);
        std::filesystem::copy_file(path, folder_ + "/cut" + ending);
        std::filesystem::resize_file(folder_ + "/cut" + ending, size - 10);
        const auto cut = InputFile::open(folder_ + "/cut" + ending);
        (*cut)->stream().ignore(std::numeric_limits<std::streamsize>::max());
        EXPECT_TRUE((*cut)->stream().bad());
        EXPECT_NE((*cut)->failure(), "");
    }
}

}  // namespace
}  // namespace annals::interchange
