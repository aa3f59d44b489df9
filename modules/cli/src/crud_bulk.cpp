// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "crud_bulk.hpp"

#include <cctype>
#include <cstdint>
#include <fstream>
#include <istream>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "annals/documents/document_text.hpp"
#include "annals/model/refusals.hpp"

#include "printer.hpp"
#include "progress_bar.hpp"

namespace annals::cli {
namespace {

/// Of a batch: what one append takes, and a message of gRPC.
constexpr std::size_t kBatchEntities = 500;
constexpr std::size_t kBatchBytes = 2u << 20u;
constexpr std::size_t kArrayBytesMax = 256u << 20u;
/// Errors that are kept and shown; all are counted.
constexpr std::size_t kErrorsShownMax = 100;

struct Numbered {
    std::uint64_t line = 0;  ///< or the place in the array; from 1
    api::NewEntity entity;
};

class Bulk {
  public:
    Bulk(Session& session, api::EntityStore& entities, const BulkCreate& options)
        : session_(session), entities_(entities), options_(options), bar_(session, 0, "entities") {}

    /// One JSON text; empty lines are none.
    Status add_line(std::string_view text, std::uint64_t line) {
        if (text.find_first_not_of(" \t\r") == std::string_view::npos) return ok();
        auto document = documents::parse_document(text, "document");
        if (!document) return refuse(line, document.error());
        return add(std::move(*document), line);
    }

    Status add(documents::Value document, std::uint64_t line) {
        auto id = id_of(document);
        if (!id) return refuse(line, id.error());
        bytes_ += documents::to_text(document).size();
        batch_.push_back({line, {std::move(*id), std::move(document)}});
        if (batch_.size() < kBatchEntities && bytes_ < kBatchBytes) return ok();
        return send();
    }

    /// Stops at what is not the documents' fault: no server, no time.
    Status send() {
        if (batch_.empty()) return ok();
        std::vector<Numbered> batch = std::exchange(batch_, {});
        bytes_ = 0;
        std::vector<api::NewEntity> all;
        all.reserve(batch.size());
        for (const Numbered& one : batch) all.push_back(one.entity);
        const auto written = entities_.create_many(
            session_.context(),
            options_.type,
            std::move(all),
            write_options("/from/", batch.front().line)
        );
        if (written) {
            created_ += batch.size();
        } else if (is_of_the_server(written.error()) ||
                   written.error().code() == ErrorCode::kIdConflict) {
            // A key that was used for another file: nothing of this one may be made under it.
            return written.error();
        } else {
            ANNALS_CHECK(send_singly(std::move(batch)));
        }
        bar_.show(created_ + failed_, created_ + failed_);
        return ok();
    }

    ExitCode report() {
        bar_.clear();
        Json json;
        json["type"] = options_.type;
        json["created"] = created_;
        json["failed"] = failed_;
        json["errors"] = errors_;
        if (!session_.printer().is_table()) {
            session_.printer().object(json);
        } else {
            if (failed_ > errors_.size()) {
                session_.remark("and " + std::to_string(failed_ - errors_.size()) + " more errors");
            }
            if (!session_.options.is_quiet) {
                session_.terminal().out << "created " << created_ << " entities, " << failed_
                                        << " refused\n";
            }
        }
        return failed_ == 0 ? ExitCode::kOk : ExitCode::kFailed;
    }

  private:
    /// For what begins at a line; a batch and its first document are asked for in two ways.
    [[nodiscard]] api::WriteOptions write_options(std::string_view what, std::uint64_t line) const {
        api::WriteOptions options;
        options.actor = options_.actor;
        if (!options_.idempotency_key.empty()) {
            options.idempotency_key = options_.idempotency_key;
            options.idempotency_key.append(what).append(std::to_string(line));
        }
        return options;
    }

    Result<std::string> id_of(const documents::Value& document) const {
        if (options_.id_field.empty()) return std::string();
        const documents::Value* id = document.find(options_.id_field);
        if (id != nullptr && id->kind() == documents::Kind::kString) return id->string();
        if (id != nullptr && id->kind() == documents::Kind::kNumber) return id->number().text;
        return model::refused(
            options_.id_field,
            id == nullptr ? "" : documents::to_text(*id),
            "--id-field names a member that is a text or a number in every document"
        );
    }

    static bool is_of_the_server(const Error& error) {
        switch (error.code()) {
            case ErrorCode::kUnavailable:
            case ErrorCode::kDeadlineExceeded:
            case ErrorCode::kOverloaded:
            case ErrorCode::kInternal:
                return true;
            default:
                return false;
        }
    }

    Status send_singly(std::vector<Numbered> batch) {
        for (Numbered& one : batch) {
            const auto written = entities_.create(
                session_.context(),
                options_.type,
                std::move(one.entity),
                write_options("/line/", one.line)
            );
            if (written) {
                ++created_;
            } else if (is_of_the_server(written.error())) {
                return written.error();
            } else {
                ANNALS_CHECK(refuse(one.line, written.error()));
            }
        }
        return ok();
    }

    Status refuse(std::uint64_t line, const Error& error) {
        ++failed_;
        if (errors_.size() >= kErrorsShownMax) return ok();
        Json json;
        json["line"] = line;
        json["code"] = error.info().name;
        json["message"] = error.message();
        errors_.push_back(std::move(json));
        if (!session_.printer().is_table()) return ok();
        bar_.clear();
        session_.terminal().err << "line " << line << ": " << error.info().name << ": "
                                << printable(error.message()) << '\n';
        return ok();
    }

    Session& session_;
    api::EntityStore& entities_;
    const BulkCreate& options_;
    ProgressBar bar_;
    std::vector<Numbered> batch_;
    std::size_t bytes_ = 0;
    std::uint64_t created_ = 0;
    std::uint64_t failed_ = 0;
    std::vector<Json> errors_;
};

Status add_array(Bulk& bulk, std::istream& input) {
    const std::string text(std::istreambuf_iterator<char>(input), {});
    const documents::TextLimits limits{kArrayBytesMax, documents::kDepthMax + 1};
    ANNALS_TRY(documents::Value all, documents::parse_document(text, "from", limits));
    std::uint64_t place = 0;
    for (documents::Value& document : all.array()) {
        ANNALS_CHECK(bulk.add(std::move(document), ++place));
    }
    return ok();
}

Status add_lines(Bulk& bulk, std::istream& input) {
    std::string text;
    for (std::uint64_t line = 1; std::getline(input, text); ++line) {
        ANNALS_CHECK(bulk.add_line(text, line));
    }
    return ok();
}

Status add_all(Bulk& bulk, std::istream& input) {
    while (std::isspace(input.peek()) != 0 && input.peek() != '\n') input.get();
    ANNALS_CHECK(input.peek() == '[' ? add_array(bulk, input) : add_lines(bulk, input));
    if (input.bad()) return Error(ErrorCode::kIoError, "the documents cannot be read to their end");
    return bulk.send();
}

}  // namespace

Result<ExitCode> create_in_bulk(
    Session& session, api::EntityStore& entities, const BulkCreate& options
) {
    std::ifstream file;
    if (options.from != "-") {
        file.open(options.from, std::ios::binary);
        if (!file) return Error(ErrorCode::kIoError, options.from + " cannot be opened");
    }
    Bulk bulk(session, entities, options);
    const Status added = add_all(bulk, options.from == "-" ? session.terminal().in : file);
    const ExitCode code = bulk.report();
    if (!added) return added.error();
    return code;
}

}  // namespace annals::cli
