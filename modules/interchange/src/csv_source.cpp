// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "annals/codec/text.hpp"
#include "annals/interchange/csv_format.hpp"
#include "annals/interchange/csv_reader.hpp"

#include "event_fields.hpp"
#include "row_mapper.hpp"

namespace annals::interchange {
namespace {

/// Reader and header; what becomes of a row is the derived class's.
class CsvSource : public RecordSource {
  public:
    CsvSource(std::istream& input, char delimiter) : reader_(input, {.delimiter = delimiter}) {}

    Status read_header() {
        CsvRecord record;
        const Result<bool> has_header = reader_.next(record);
        if (!has_header) {
            return Error(
                has_header.error().code(),
                "line " + std::to_string(record.line) +
                    ", the names of the columns: " + std::string(has_header.error().message())
            );
        }
        if (!*has_header) {
            return Error(
                ErrorCode::kUnreadableInput,
                "the file is empty: its first line must name the columns"
            );
        }
        header_text_ = record.raw;
        header_.assign(record.fields.begin(), record.fields.end());
        return ok();
    }
    [[nodiscard]] const std::vector<std::string>& header() const { return header_; }

    Result<bool> next(Record& record) final {
        Result<bool> has_row = reader_.next(row_);
        if (has_row && !*has_row) return false;
        record = {};
        record.line = row_.line;
        record.number = row_.number - 1;  // the header is no record
        record.raw = row_.raw;
        if (!has_row) return has_row;
        arena_.clear();
        if (row_.fields.size() != header_.size()) {
            return Error(
                ErrorCode::kInvalidArgument,
                std::to_string(row_.fields.size()) + " columns, the first line has " +
                    std::to_string(header_.size())
            );
        }
        if (!codec::is_utf8(row_.raw))
            return Error(ErrorCode::kInvalidArgument, "the text is not UTF-8");
        ANNALS_CHECK(read_row(row_, record, arena_));
        return true;
    }

    [[nodiscard]] std::uint64_t consumed() const final { return reader_.consumed_bytes(); }
    [[nodiscard]] RejectsFrame rejects_frame() const final { return {header_text_ + "\n", ""}; }

  protected:
    virtual Status read_row(const CsvRecord& row, Record& record, Arena& arena) = 0;

  private:
    CsvReader reader_;
    CsvRecord row_;
    std::string header_text_;
    std::vector<std::string> header_;
    Arena arena_;
};

class MappedSource final : public CsvSource {
  public:
    using CsvSource::CsvSource;

    Status open(const CsvMapping& mapping) {
        ANNALS_CHECK(read_header());
        ANNALS_TRY(mapper_, RowMapper::make(mapping, header()));
        return ok();
    }

  private:
    Status read_row(const CsvRecord& row, Record& record, Arena& arena) override {
        ANNALS_TRY(static_cast<model::NewEvent&>(record.event), mapper_->map(row, arena));
        return ok();
    }

    std::optional<RowMapper> mapper_;
};

class OwnSource final : public CsvSource {
  public:
    using CsvSource::CsvSource;

    Status open() {
        ANNALS_CHECK(read_header());
        for (const std::string& name : header()) {
            const auto* const found = std::ranges::find(kFieldNames, std::string_view(name));
            if (found == kFieldNames.end())
                return not_ours("the column '" + name + "' is not known");
            const auto field = static_cast<Field>(found - kFieldNames.begin());
            if (std::ranges::find(fields_, field) != fields_.end())
                return not_ours("the column '" + name + "' is there twice");
            fields_.push_back(field);
        }
        for (const Field needed : {Field::kStream, Field::kType}) {
            if (std::ranges::find(fields_, needed) == fields_.end())
                return not_ours("there is no column '" + std::string(name_of(needed)) + "'");
        }
        return ok();
    }

  private:
    static Error not_ours(const std::string& what) {
        return Error(
            ErrorCode::kConfigInvalid,
            "without a mapping a file as annals export csv writes it is expected, but " + what +
                ": say what the streams are called, either with --stream 'order-{order}' or with "
                "--stream-column order"
        );
    }

    Status read_row(const CsvRecord& row, Record& record, Arena& arena) override {
        unsigned stamped = 0;
        for (std::size_t at = 0; at < fields_.size(); ++at) {
            ANNALS_CHECK(reader_.read(fields_[at], row.fields[at], record, arena));
            const bool is_stamp = fields_[at] <= Field::kRecordedTime;
            if (is_stamp && !row.fields[at].empty()) ++stamped;
        }
        record.has_stamp = stamped == 3;
        return ok();
    }

    FieldReader reader_;
    std::vector<Field> fields_;
};

bool says_nothing(const CsvMapping& mapping) {
    return mapping.stream.empty() && mapping.stream_column.empty() && mapping.type.empty() &&
           mapping.type_column.empty();
}

}  // namespace

Result<std::unique_ptr<RecordSource>> open_csv_source(
    std::istream& input, const CsvMapping& mapping
) {
    if (says_nothing(mapping)) {
        auto own = std::make_unique<OwnSource>(input, mapping.delimiter);
        ANNALS_CHECK(own->open());
        return std::unique_ptr<RecordSource>(std::move(own));
    }
    auto mapped = std::make_unique<MappedSource>(input, mapping.delimiter);
    ANNALS_CHECK(mapped->open(mapping));
    return std::unique_ptr<RecordSource>(std::move(mapped));
}

}  // namespace annals::interchange
