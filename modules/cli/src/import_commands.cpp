// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "annals/interchange/csv_importer.hpp"
#include "annals/interchange/csv_mapping.hpp"

#include "interrupt.hpp"
#include "program.hpp"
#include "progress_bar.hpp"
#include "time_text.hpp"

namespace annals::cli {
namespace {

constexpr std::uint64_t kShownRejectsMax = 10;

struct ImportCsvOptions {
    std::string file;
    interchange::CsvMapping mapping;  ///< from flags
    std::vector<std::string> tags;    ///< key=column
    std::string mapping_file;
    std::string delimiter;
    std::string source;
    std::string rejected_file;
    std::string patience = "30s";
    bool is_dry_run = false;
};

/// Flags win over the file.
void take_flag(std::string& into, const std::string& flag) {
    if (!flag.empty()) into = flag;
}

Result<interchange::CsvMapping> read_mapping_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return Error(ErrorCode::kConfigInvalid, path + " cannot be opened");
    const std::string text(std::istreambuf_iterator<char>(file), {});
    return interchange::parse_mapping(text, path);
}

Result<interchange::CsvMapping> make_mapping(const ImportCsvOptions& options) {
    interchange::CsvMapping mapping;
    if (!options.mapping_file.empty()) {
        ANNALS_TRY(mapping, read_mapping_file(options.mapping_file));
    }
    const interchange::CsvMapping& flags = options.mapping;
    if (!flags.stream.empty()) mapping.stream_column.clear();
    if (!flags.stream_column.empty()) mapping.stream.clear();
    if (!flags.type.empty()) mapping.type_column.clear();
    if (!flags.type_column.empty()) mapping.type.clear();
    take_flag(mapping.stream, flags.stream);
    take_flag(mapping.stream_column, flags.stream_column);
    take_flag(mapping.stream_prefix, flags.stream_prefix);
    take_flag(mapping.type, flags.type);
    take_flag(mapping.type_column, flags.type_column);
    take_flag(mapping.time_column, flags.time_column);
    take_flag(mapping.time_format, flags.time_format);
    take_flag(mapping.time_zone, flags.time_zone);
    take_flag(mapping.actor_column, flags.actor_column);
    if (!flags.number_columns.empty()) mapping.number_columns = flags.number_columns;
    if (!flags.left_out_columns.empty()) mapping.left_out_columns = flags.left_out_columns;
    if (!options.delimiter.empty()) {
        mapping.delimiter = options.delimiter == "tab" ? '\t' : options.delimiter.front();
    }
    for (const std::string& tag : options.tags) {
        const std::size_t sign = tag.find('=');
        if (sign == std::string::npos || sign == 0) {
            return Error(ErrorCode::kConfigInvalid, "--tag-column " + tag + ": give key=column");
        }
        mapping.tag_columns.emplace_back(tag.substr(0, sign), tag.substr(sign + 1));
    }
    return mapping;
}

/// Bad rows go into a file of their own, with the header, so that they can be mended and imported.
class RejectedFile {
  public:
    RejectedFile(std::string path, const interchange::ImportReport& report)
        : path_(std::move(path)), report_(report) {}

    void add(std::string_view raw) {
        if (!file_.is_open() && !has_failed_) {
            file_.open(path_, std::ios::binary | std::ios::trunc);
            has_failed_ = !file_;
            if (!has_failed_) file_ << report_.header << '\n';
        }
        if (!has_failed_) file_ << raw << '\n';
    }

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] bool is_whole() { return !has_failed_ && !file_.flush().fail(); }

  private:
    std::string path_;
    const interchange::ImportReport& report_;
    std::ofstream file_;
    bool has_failed_ = false;
};

class Watcher final : public interchange::ImportObserver {
  public:
    Watcher(Session& session, ProgressBar& bar, RejectedFile& rejected)
        : session_(session), bar_(bar), rejected_(rejected) {}

    void on_rejected(const interchange::RejectedRow& row) override {
        rejected_.add(row.raw);
        if (++count_ > kShownRejectsMax) return;
        bar_.clear();
        session_.terminal().err << "line " << row.line << ": " << printable(row.error.message())
                                << '\n';
        if (count_ == kShownRejectsMax) {
            session_.terminal().err << "further bad rows are only set aside\n";
        }
    }

    void on_progress(const interchange::ImportReport& so_far) override {
        bar_.show(so_far.consumed_bytes, so_far.records);
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
    RejectedFile& rejected_;
    std::uint64_t count_ = 0;
    bool is_waiting_ = false;
};

Json report_to_json(const interchange::ImportReport& report, double seconds) {
    Json json;
    json["records"] = report.records;
    json["added"] = report.added;
    json["already_there"] = report.already_there;
    json["rejected"] = report.rejected;
    json["bytes"] = report.consumed_bytes;
    json["seconds"] = seconds;
    if (!report.position.empty()) json["position"] = report.position;
    return json;
}

/// "8577 new, 0 already there, in 0.2 s (42.1 k/s)"
std::string summary(const interchange::ImportReport& report, double seconds, bool is_dry_run) {
    std::string text = std::to_string(report.added) + (is_dry_run ? " would be new" : " new");
    if (!is_dry_run) text += ", " + std::to_string(report.already_there) + " already there";
    if (report.rejected > 0) text += ", " + std::to_string(report.rejected) + " rejected";
    std::array<char, 48> time{};
    std::snprintf(time.data(), time.size(), ", in %.2f s", seconds);
    text += time.data();
    if (seconds > 0)
        text += " (" + count_text(static_cast<double>(report.records) / seconds) + "/s)";
    return text;
}

class CsvImport {
  public:
    CsvImport(Session& session, const ImportCsvOptions& options)
        : session_(session), options_(options) {}

    Result<ExitCode> run() {
        ANNALS_TRY(const interchange::CsvMapping mapping, make_mapping(options_));
        ANNALS_TRY(std::istream * input, open_input());
        interchange::ImportOptions import_options;
        ANNALS_TRY(import_options.source, source());
        ANNALS_TRY(import_options.patience_ms, parse_duration_ms(options_.patience));
        import_options.is_dry_run = options_.is_dry_run;
        ANNALS_TRY(api::EventStore * store, session_.store());

        catch_interrupts();
        interchange::ImportReport report;
        RejectedFile rejected(rejected_path(), report);
        ProgressBar bar(session_, total_bytes_, "events");
        Watcher watcher(session_, bar, rejected);
        const Status status = interchange::import_csv(
            *store, session_.endless_context(), *input, mapping, import_options, watcher, report
        );
        bar.clear();
        if (!status && report.records == 0) return status.error();
        show(report, bar.elapsed_seconds());
        say_rejected(report, rejected);
        if (!status) {
            session_.remark("stopped; the same command goes on: what is there is not added twice");
            return status.error();
        }
        return report.rejected > 0 ? ExitCode::kFailed : ExitCode::kOk;
    }

  private:
    Result<std::istream*> open_input() {
        if (options_.file == "-") return &session_.terminal().in;
        file_.open(options_.file, std::ios::binary);
        if (!file_ || std::filesystem::is_directory(options_.file)) {
            return Error(ErrorCode::kInvalidArgument, options_.file + " cannot be opened");
        }
        std::error_code error;
        const std::uintmax_t bytes = std::filesystem::file_size(options_.file, error);
        if (!error) total_bytes_ = bytes;
        std::istream* const input = &file_;
        return input;
    }

    Result<std::string> source() {
        if (!options_.source.empty()) return options_.source;
        if (options_.file != "-") return std::filesystem::path(options_.file).filename().string();
        return Error(
            ErrorCode::kInvalidArgument,
            "give the standard input a name with --source: ids are made from it"
        );
    }

    std::string rejected_path() {
        if (!options_.rejected_file.empty()) return options_.rejected_file;
        const std::string base = options_.file == "-" ? options_.source : options_.file;
        return std::filesystem::path(base).replace_extension(".rejected.csv").string();
    }

    void show(const interchange::ImportReport& report, double seconds) {
        Printer printer = session_.printer();
        if (!printer.is_table()) {
            printer.object(report_to_json(report, seconds));
        } else {
            session_.terminal().out << summary(report, seconds, options_.is_dry_run) << '\n';
        }
    }

    void say_rejected(const interchange::ImportReport& report, RejectedFile& rejected) {
        if (report.rejected == 0) return;
        session_.terminal().err
            << (rejected.is_whole()
                    ? "the rejected rows are in " + rejected.path() +
                          ": mend them, import that file"
                    : rejected.path() + " could not be written; choose another with --rejected")
            << '\n';
    }

    Session& session_;
    const ImportCsvOptions& options_;
    std::ifstream file_;
    std::uint64_t total_bytes_ = 0;
};

void declare_mapping(CLI::App& command, ImportCsvOptions& options) {
    constexpr const char* group = "Mapping";
    interchange::CsvMapping& mapping = options.mapping;
    const auto text = [&](const char* name, std::string& value, const char* what) {
        command.add_option(name, value, what)->group(group);
    };
    const auto many = [&](const char* name, std::vector<std::string>& values, const char* what) {
        command.add_option(name, values, what)
            ->expected(1)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
            ->group(group);
    };
    text("--mapping", options.mapping_file, "TOML file with the mapping; flags win over it");
    text("--stream", mapping.stream, "stream names with columns in braces: 'order-{order}'");
    text("--stream-column", mapping.stream_column, "or the column that names the stream");
    text("--stream-prefix", mapping.stream_prefix, "before the text of --stream-column");
    text("--type", mapping.type, "one type for all events");
    text("--type-column", mapping.type_column, "or the column that names the type");
    text("--time-column", mapping.time_column, "when it happened");
    text("--time-format", mapping.time_format, "iso (default), unix, unix-ms, or '%d/%m/%Y %H:%M'");
    text("--time-zone", mapping.time_zone, "of times without an offset: UTC or +02:00");
    text("--actor-column", mapping.actor_column, "who did it");
    many("--tag-column", options.tags, "key=column: an indexed tag; several times");
    many("--number-column", mapping.number_columns, "becomes a JSON number; several times");
    many("--leave-out", mapping.left_out_columns, "column that is not wanted; several times");
    text("--delimiter", options.delimiter, "between columns: one character, or tab (default ,)");
}

}  // namespace

void add_import_commands(Program& program) {
    CLI::App& group = program.group("import", "bring data in");
    CLI::App& command = program.command(
        group,
        "csv",
        "import a CSV file: its first line names the columns, each further record is an event. "
        "Columns that are not mapped become JSON data. Importing twice adds nothing.",
        "annals import csv orders.csv --stream 'order-{order}' --type-column event --time-column at"
    );
    auto options = std::make_shared<ImportCsvOptions>();
    command.add_option("file", options->file, "the file, or - for the standard input")->required();
    declare_mapping(command, *options);
    command.add_option("--source", options->source, "name that ids are made from; the file's name");
    command.add_option(
        "--rejected", options->rejected_file, "where bad rows go; FILE.rejected.csv"
    );
    command
        .add_option("--patience", options->patience, "how long to wait for a server that is away")
        ->capture_default_str();
    command.add_flag("--dry-run", options->is_dry_run, "check every row, store nothing");
    program.on(command, [options](Session& session) { return CsvImport(session, *options).run(); });
}

}  // namespace annals::cli
