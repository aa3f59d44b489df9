// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "import_run.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "annals/interchange/exporter.hpp"
#include "annals/interchange/importer.hpp"
#include "annals/interchange/input_file.hpp"
#include "annals/interchange/log_restorer.hpp"
#include "annals/node/stopped_store.hpp"

#include "interrupt.hpp"
#include "progress_bar.hpp"
#include "rejects_file.hpp"
#include "time_text.hpp"

namespace annals::cli {
namespace {

constexpr std::uint64_t kShownRejectsMax = 10;

/// Of the input, which may be packed: bytes that were read and bytes in all. No input: the source's
/// own count.
struct Progress {
    const interchange::InputFile* input = nullptr;
    const interchange::RecordSource* source = nullptr;

    [[nodiscard]] std::uint64_t total() const {
        return input != nullptr ? input->total_bytes() : source->total();
    }
    [[nodiscard]] std::uint64_t done() const {
        return input != nullptr ? input->consumed_bytes() : source->consumed();
    }
};

class Watcher final : public interchange::ImportObserver {
  public:
    Watcher(Session& session, ProgressBar& bar, RejectsFile& rejects, Progress progress)
        : session_(session), bar_(bar), rejects_(rejects), progress_(progress) {}

    void on_rejected(const interchange::RejectedRecord& record) override {
        rejects_.add(record.raw);
        if (++count_ > kShownRejectsMax) return;
        bar_.clear();
        std::ostream& err = session_.terminal().err;
        if (record.line > 0) {
            err << "line " << record.line;
        } else {
            err << "record " << record.number;
        }
        err << ": " << printable(record.error.message()) << '\n';
        if (count_ == kShownRejectsMax) err << "further bad records are only set aside\n";
    }

    void on_progress(const interchange::ImportReport& so_far) override {
        bar_.show(progress_.done(), so_far.records);
        is_waiting_ = false;
    }

    void on_waiting(const Error& error) override {
        if (is_waiting_) return;
        is_waiting_ = true;
        bar_.clear();
        session_.remark("waiting for the server: " + std::string(error.message()));
    }

    bool is_cancelled() override { return is_interrupted(); }

  private:
    Session& session_;
    ProgressBar& bar_;
    RejectsFile& rejects_;
    const Progress progress_;
    std::uint64_t count_ = 0;
    bool is_waiting_ = false;
};

Json report_to_json(const interchange::ImportReport& report, double seconds) {
    Json json;
    json["records"] = report.records;
    json["added"] = report.added;
    json["already_there"] = report.already_there;
    json["rejected"] = report.rejected;
    json["removed"] = report.removed;
    json["consumed"] = report.consumed;
    json["seconds"] = seconds;
    if (!report.position.empty()) json["position"] = report.position;
    return json;
}

/// "8577 new, 0 already there, in 0.2 s (42.1 k/s)"
std::string summary(const interchange::ImportReport& report, double seconds, bool is_dry_run) {
    std::string text = std::to_string(report.added) + (is_dry_run ? " would be new" : " new");
    if (!is_dry_run) text += ", " + std::to_string(report.already_there) + " already there";
    if (report.rejected > 0) text += ", " + std::to_string(report.rejected) + " rejected";
    if (report.removed > 0)
        text += ", " + std::to_string(report.removed) + " removed in the source, passed over";
    std::array<char, 48> time{};
    std::snprintf(time.data(), time.size(), ", in %.2f s", seconds);
    text += time.data();
    if (seconds > 0)
        text += " (" + count_text(static_cast<double>(report.records) / seconds) + "/s)";
    return text;
}

/// `orders.csv.gz` and `.csv`: `orders.rejected.csv`
std::string default_rejects(const std::string& base, const std::string& suffix) {
    std::filesystem::path path(base);
    if (path.extension() == ".gz" || path.extension() == ".zst") path.replace_extension();
    return path.replace_extension(".rejected" + suffix).string();
}

/// Watches a restore, which is an export into a log.
class RestoreWatcher final : public interchange::ExportObserver {
  public:
    RestoreWatcher(ProgressBar& bar, Progress progress) : bar_(bar), progress_(progress) {}

    void on_progress(const interchange::ExportReport& so_far) override {
        constexpr std::uint64_t kRarely = 256;
        if (so_far.records % kRarely == 0) bar_.show(progress_.done(), so_far.records);
    }
    Status on_cursor(const interchange::RecordSource&) override { return ok(); }
    bool is_cancelled() override { return is_interrupted(); }

  private:
    ProgressBar& bar_;
    const Progress progress_;
};

class ImportRun {
  public:
    ImportRun(Session& session, const ImportFlags& flags) : session_(session), flags_(flags) {}

    Result<ExitCode> run(
        interchange::RecordSource& source,
        const std::string& rejects_path,
        const interchange::InputFile* input
    ) {
        if (flags_.is_restore) return restore(source, input);
        interchange::ImportOptions options;
        ANNALS_TRY(options.patience_ms, parse_duration_ms(flags_.patience));
        options.source = flags_.source;
        options.is_dry_run = flags_.is_dry_run;
        ANNALS_TRY(api::EventStore * store, session_.store());

        catch_interrupts();
        interchange::ImportReport report;
        RejectsFile rejects(rejects_path, source);
        const Progress progress{input, &source};
        ProgressBar bar(session_, progress.total(), "events");
        Watcher watcher(session_, bar, rejects, progress);
        const Status status = interchange::import_records(
            *store, session_.endless_context(), source, options, watcher, report
        );
        bar.clear();
        if (status || report.records > 0) {
            show(report, bar.elapsed_seconds());
            say_rejected(report, rejects);
        }
        if (!status) return stopped(report, input, status.error());
        return report.rejected > 0 ? ExitCode::kFailed : ExitCode::kOk;
    }

  private:
    /// Into a log of a stopped server's folder: all or nothing.
    Result<ExitCode> restore(
        interchange::RecordSource& source, const interchange::InputFile* input
    ) {
        if (flags_.data.empty()) {
            return Error(
                ErrorCode::kInvalidArgument,
                "--restore writes into the folder of a stopped server: name it with --data"
            );
        }
        if (flags_.is_dry_run) {
            return Error(
                ErrorCode::kInvalidArgument,
                "a restore is all or nothing and has no --dry-run: restore into another folder"
            );
        }
        ANNALS_TRY(const auto store, node::StoppedStore::open(flags_.data));
        const auto part = flags_.part == "system" ? node::StoppedStore::Part::kSystem
                                                  : node::StoppedStore::Part::kEvents;
        ANNALS_TRY(
            const std::string folder, store.find_or_create(session_.options.name_space, part)
        );
        interchange::RestoreOptions options;
        options.log.has_tree = part == node::StoppedStore::Part::kEvents;
        ANNALS_TRY(
            const auto restorer,
            interchange::LogRestorer::open(log::disk_file_system(), folder, options)
        );
        catch_interrupts();
        const Progress progress{input, &source};
        ProgressBar bar(session_, progress.total(), "events");
        RestoreWatcher watcher(bar, progress);
        interchange::ExportReport exported;
        const Status status = interchange::export_records(
            source, *restorer, false, watcher, exported
        );
        bar.clear();
        interchange::ImportReport report;
        report.records = exported.records;
        if (!status) {
            session_.remark("nothing was restored: the log is as empty as it was");
            return stopped(report, input, status.error());
        }
        report.added = exported.records;
        report.consumed = source.consumed();
        show(report, bar.elapsed_seconds());
        return ExitCode::kOk;
    }

    Error stopped(
        const interchange::ImportReport& report,
        const interchange::InputFile* input,
        const Error& error
    ) {
        if (!flags_.is_restore && report.records > 0 && error.code() != ErrorCode::kUnreadableInput)
            session_.remark("stopped; the same command goes on: what is there is not added twice");
        if (input == nullptr || input->failure().empty()) return error;
        return Error(ErrorCode::kUnreadableInput, flags_.file + ": " + input->failure());
    }

    void show(const interchange::ImportReport& report, double seconds) {
        Printer printer = session_.printer();
        if (!printer.is_table()) {
            printer.object(report_to_json(report, seconds));
        } else {
            session_.terminal().out << summary(report, seconds, flags_.is_dry_run) << '\n';
        }
    }

    void say_rejected(const interchange::ImportReport& report, RejectsFile& rejects) {
        if (report.rejected == 0 || rejects.path().empty()) return;
        const bool is_whole = rejects.finish();
        session_.terminal().err
            << (is_whole ? "the rejected records are in " + rejects.path() +
                               ": mend them, import that file"
                         : rejects.path() + " could not be written; choose another with --rejects")
            << '\n';
    }

    Session& session_;
    const ImportFlags& flags_;
};

Result<std::string> source_name(const ImportFlags& flags) {
    if (!flags.source.empty()) return flags.source;
    if (flags.file != "-") return std::filesystem::path(flags.file).filename().string();
    return Error(
        ErrorCode::kInvalidArgument,
        "give the standard input a name with --source: ids are made from it"
    );
}

}  // namespace

void ImportFlags::declare_with_file(CLI::App& command) {
    command
        .add_option(
            "file", file, "the file (.gz and .zst are unpacked), or - for the standard input"
        )
        ->required();
    command.add_option("--source", source, "name that ids are made from; the file's name");
    declare(command);
}

void ImportFlags::declare(CLI::App& command) {
    command.add_option(
        "--rejects,--rejected", rejects_file, "where bad records go; FILE.rejected.… beside it"
    );
    command.add_option("--patience", patience, "how long to wait for a server that is away")
        ->capture_default_str();
    command.add_flag("--dry-run", is_dry_run, "check every record, store nothing");
}

void ImportFlags::declare_restore(CLI::App& command) {
    constexpr const char* kGroup = "Restoring";
    command
        .add_flag(
            "--restore",
            is_restore,
            "keep positions, revisions and recorded times: into an empty log of a stopped server"
        )
        ->group(kGroup);
    command.add_option("--data", data, "the stopped server's folder; -n names the namespace")
        ->group(kGroup);
    command.add_option("--part", part, "events, or system: what the server keeps beside them")
        ->check(CLI::IsMember({"events", "system"}))
        ->capture_default_str()
        ->group(kGroup);
}

Result<ExitCode> import_file(
    Session& session, const ImportFlags& flags, const std::string& suffix, const OpenSource& open
) {
    ImportFlags named = flags;
    ANNALS_TRY(named.source, source_name(flags));
    std::unique_ptr<interchange::InputFile> input;
    if (flags.file != "-") {
        ANNALS_TRY(input, interchange::InputFile::open(flags.file));
    }
    Result<std::unique_ptr<interchange::RecordSource>> source = open(
        input ? input->stream() : session.terminal().in
    );
    if (!source) {
        if (!input || input->failure().empty()) return std::move(source).take_error();
        return Error(ErrorCode::kUnreadableInput, flags.file + ": " + input->failure());
    }
    const std::string base = flags.file == "-" ? named.source : flags.file;
    ANNALS_TRY(
        const std::string rejects,
        RejectsFile::place(flags.rejects_file, default_rejects(base, suffix), flags.is_dry_run)
    );
    return ImportRun(session, named).run(**source, rejects, input.get());
}

Result<ExitCode> import_source(
    Session& session, const ImportFlags& flags, interchange::RecordSource& source
) {
    ANNALS_TRY(
        const std::string rejects,
        RejectsFile::place(flags.rejects_file, "store.rejected.ndjson", flags.is_dry_run)
    );
    return ImportRun(session, flags).run(source, rejects, nullptr);
}

}  // namespace annals::cli
