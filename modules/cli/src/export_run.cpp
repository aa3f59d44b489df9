// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "export_run.hpp"

#include <array>
#include <cstdio>

#include "annals/interchange/export_file.hpp"
#include "annals/interchange/exporter.hpp"
#include "annals/interchange/log_source.hpp"
#include "annals/log/segment_log.hpp"
#include "annals/node/stopped_store.hpp"

#include "interrupt.hpp"
#include "progress_bar.hpp"

namespace annals::cli {
namespace {

class Watcher final : public interchange::ExportObserver {
  public:
    Watcher(ProgressBar& bar, interchange::ExportFile* file) : bar_(bar), file_(file) {}

    void on_progress(const interchange::ExportReport& so_far) override {
        constexpr std::uint64_t kRarely = 256;
        if (so_far.records % kRarely == 0) bar_.show(so_far.consumed, so_far.records);
    }
    Status on_cursor(const interchange::RecordSource& source) override {
        return file_ == nullptr ? ok() : file_->mark(source);
    }
    bool is_cancelled() override { return is_interrupted(); }

  private:
    ProgressBar& bar_;
    interchange::ExportFile* file_;
};

class ExportRun {
  public:
    ExportRun(Session& session, const ExportFlags& flags, const ExportFormat& format)
        : session_(session), flags_(flags), format_(format) {}

    Result<ExitCode> run() {
        interchange::StoreSourceOptions options;
        ANNALS_TRY(options.selection, flags_.selection.resolve());
        options.order = format_.order;
        options.name_space = session_.options.name_space;
        what_ = format_.name + " " + options.selection.to_string();
        if (!flags_.data.empty()) return from_folder(options.selection);
        ANNALS_TRY(api::EventStore * store, session_.store());
        catch_interrupts();
        if (flags_.file == "-") return to_output(*store, options);
        return to_file(*store, options);
    }

  private:
    /// A stopped server's log as it lies there. Not gone on with: it reads as fast as it writes.
    Result<ExitCode> from_folder(const interchange::Selection& selection) {
        if (format_.order == interchange::ReadOrder::kStreams) {
            return Error(
                ErrorCode::kNotSupported,
                format_.name +
                    " is written stream by stream, which needs the index: export from "
                    "the running server"
            );
        }
        ANNALS_TRY(const auto store, node::StoppedStore::open(flags_.data));
        const auto part = flags_.part == "system" ? node::StoppedStore::Part::kSystem
                                                  : node::StoppedStore::Part::kEvents;
        ANNALS_TRY(const std::string folder, store.find(session_.options.name_space, part));
        log::LogOptions options;
        options.is_read_only = true;
        log::RecoveryReport report;
        ANNALS_TRY(
            const auto opened,
            log::SegmentLog::open(log::disk_file_system(), folder + "/events", options, report)
        );
        ANNALS_TRY(const auto source, interchange::open_log_source(*opened, selection));
        catch_interrupts();
        if (flags_.file == "-") return copy(*source, session_.terminal().out, nullptr, false);
        const interchange::ExportPlan plan{what_, "", 0, ""};
        ANNALS_TRY(
            const auto file,
            interchange::ExportFile::open(
                log::disk_file_system(), flags_.file, plan, flags_.is_forced
            )
        );
        return copy(*source, file->stream(), file.get(), false);
    }

    Result<ExitCode> to_output(
        api::EventStore& store, const interchange::StoreSourceOptions& options
    ) {
        ANNALS_TRY(const auto source, interchange::StoreSource::open(store, options));
        return copy(*source, session_.terminal().out, nullptr, false);
    }

    Result<ExitCode> to_file(
        api::EventStore& store, const interchange::StoreSourceOptions& options
    ) {
        log::FileSystem& files = log::disk_file_system();
        interchange::StoreSourceOptions resumed = options;
        ANNALS_TRY(interchange::ExportPlan plan, find_plan(files));
        resumed.cursor = plan.cursor;
        resumed.end = Position(plan.end);
        ANNALS_TRY(auto source, interchange::StoreSource::open(store, resumed));
        if (!plan.cursor.empty() && source->log_name() != plan.log_name) {
            session_.remark(
                "the half export that is there is of another log: beginning from the start"
            );
            plan = {plan.what, "", 0, ""};
            ANNALS_TRY(source, interchange::StoreSource::open(store, options));
        }
        plan.log_name = source->log_name();
        plan.end = source->end().value;
        ANNALS_TRY(
            const auto file,
            interchange::ExportFile::open(files, flags_.file, plan, flags_.is_forced)
        );
        if (!plan.cursor.empty()) session_.remark("going on with the half export that is there");
        return copy(*source, file->stream(), file.get(), !plan.cursor.empty());
    }

    Result<interchange::ExportPlan> find_plan(log::FileSystem& files) {
        std::string why_not;
        ANNALS_TRY(
            interchange::ExportPlan plan,
            interchange::ExportFile::find_plan(files, flags_.file, what_, why_not)
        );
        if (!why_not.empty())
            session_.remark("cannot go on with the half export: " + why_not + "; from the start");
        if (flags_.is_anew) plan = {what_, "", 0, ""};
        return plan;
    }

    Result<ExitCode> copy(
        interchange::RecordSource& source,
        std::ostream& output,
        interchange::ExportFile* file,
        bool is_resumed
    ) {
        const std::unique_ptr<interchange::RecordSink> sink = format_.make_sink(output);
        ProgressBar bar(session_, source.total(), "events");
        Watcher watcher(bar, file);
        interchange::ExportReport report;
        Status status = interchange::export_records(source, *sink, is_resumed, watcher, report);
        if (status && file != nullptr) status = file->finish();
        bar.clear();
        if (!status) {
            const Result<bool> is_kept = file == nullptr ? Result<bool>(false) : file->abandon();
            if (is_kept && *is_kept)
                session_.remark(
                    "stopped; the same command goes on where " + flags_.file + ".part was safe last"
                );
            return std::move(status).take_error();
        }
        say(report, bar.elapsed_seconds(), is_resumed);
        return ExitCode::kOk;
    }

    /// The standard output belongs to the events when they go there.
    void say(const interchange::ExportReport& report, double seconds, bool is_resumed) {
        std::array<char, 64> time{};
        std::snprintf(time.data(), time.size(), ", in %.2f s", seconds);
        std::string text = std::to_string(report.records) +
                           (is_resumed ? " more events exported" : " events exported") +
                           time.data();
        if (seconds > 0)
            text += " (" + count_text(static_cast<double>(report.records) / seconds) + "/s)";
        if (flags_.file == "-" || session_.printer().is_table()) {
            session_.remark(text);
            return;
        }
        Json json;
        json["records"] = report.records;
        json["is_resumed"] = is_resumed;
        json["seconds"] = seconds;
        session_.printer().object(json);
    }

    Session& session_;
    const ExportFlags& flags_;
    const ExportFormat& format_;
    std::string what_;
};

}  // namespace

void ExportFlags::declare(CLI::App& command) {
    command
        .add_option(
            "file", file, "where to (.gz and .zst are packed), or - for the standard output"
        )
        ->required();
    selection.declare(command);
    command.add_option(
        "--data", data, "from the folder of a stopped server, with what only the log knows"
    );
    command.add_option("--part", part, "with --data: events, or system")
        ->check(CLI::IsMember({"events", "system"}))
        ->capture_default_str();
    command.add_flag("--force", is_forced, "replace the file when it is there");
    command.add_flag("--anew", is_anew, "from the start, also when a half export is there");
}

Result<ExitCode> export_file(
    Session& session, const ExportFlags& flags, const ExportFormat& format
) {
    return ExportRun(session, flags, format).run();
}

}  // namespace annals::cli
