// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/interchange/csv_reader.hpp"

#include <algorithm>
#include <utility>

namespace annals::interchange {
namespace {

constexpr std::size_t kChunkBytes = 64u << 10u;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

CsvReader::CsvReader(std::istream& input, CsvOptions options) : input_(input), options_(options) {
    skip_byte_order_mark();
}

Result<bool> CsvReader::next(CsvRecord& record) {
    consume(std::exchange(given_, 0));
    if (std::exchange(is_inside_long_line_, false)) skip_rest_of_line();
    skip_empty_lines();
    record.fields.clear();
    record.raw = {};
    record.line = line_;
    const Scan scan = has(begin_) ? scan_record() : Scan::kEnd;
    if (input_.bad()) return Error(ErrorCode::kIoError, "the CSV input cannot be read any further");
    if (scan == Scan::kEnd) return false;
    record.number = ++number_;
    if (scan == Scan::kBad) return give_bad(record);
    record.raw = std::string_view(buffer_).substr(begin_, raw_end_ - begin_);
    give_fields(record);
    given_ = scanned_ - begin_;
    return true;
}

Result<bool> CsvReader::give_bad(CsvRecord& record) {
    const std::size_t end = end_of_first_line();
    std::string_view raw = std::string_view(buffer_).substr(begin_, end - begin_);
    given_ = raw.size();
    if (raw.ends_with('\n')) raw.remove_suffix(1);
    if (raw.ends_with('\r')) raw.remove_suffix(1);
    record.raw = raw;
    return Error(ErrorCode::kInvalidArgument, bad_because_);
}

void CsvReader::give_fields(CsvRecord& record) {
    unquoted_.clear();
    unquoted_.reserve(raw_end_ - begin_);  // views into it must not move
    for (const Field& field : fields_) {
        const auto text = std::string_view(buffer_).substr(field.begin, field.end - field.begin);
        if (!field.has_doubled_quotes) {
            record.fields.push_back(text);
            continue;
        }
        const std::size_t start = unquoted_.size();
        for (std::size_t at = 0; at < text.size(); ++at) {
            unquoted_.push_back(text[at]);
            if (text[at] == '"') ++at;
        }
        record.fields.push_back(std::string_view(unquoted_).substr(start));
    }
}

/// Reads another chunk behind the buffer; false at the end of the input.
bool CsvReader::fill() {
    if (is_drained_) return false;
    const std::size_t old_size = buffer_.size();
    buffer_.resize(old_size + kChunkBytes);
    input_.read(buffer_.data() + old_size, static_cast<std::streamsize>(kChunkBytes));
    const auto got = static_cast<std::size_t>(input_.gcount());
    buffer_.resize(old_size + got);
    if (got < kChunkBytes) is_drained_ = true;
    return got > 0;
}

bool CsvReader::has(std::size_t at) {
    while (at >= buffer_.size()) {
        if (!fill()) return false;
    }
    return true;
}

void CsvReader::skip_byte_order_mark() {
    if (has(kByteOrderMark.size() - 1) && buffer_.starts_with(kByteOrderMark)) {
        begin_ = kByteOrderMark.size();
    }
}

void CsvReader::skip_empty_lines() {
    while (has(begin_)) {
        std::size_t at = begin_;
        if (buffer_[at] != '\n' && buffer_[at] != '\r') return;
        if (!take_line_end(at)) return;
        consume(at - begin_);
    }
}

CsvReader::Scan CsvReader::scan_record() {
    fields_.clear();
    std::size_t at = begin_;
    while (true) {
        const bool is_quoted = has(at) && buffer_[at] == '"';
        if (is_quoted ? !scan_quoted(at) : !scan_plain(at)) return Scan::kBad;
        if (has(at) && buffer_[at] == options_.delimiter) {
            ++at;
            continue;
        }
        raw_end_ = at;
        if (has(at) && !take_line_end(at)) {
            bad_because_ = buffer_[at] == '\r'
                               ? "a carriage return stands alone: put the field in quotes"
                               : "text stands behind a closing quote: double the quotes inside";
            return Scan::kBad;
        }
        scanned_ = at;
        return Scan::kWhole;
    }
}

/// From the opening quote to behind the closing one.
bool CsvReader::scan_quoted(std::size_t& at) {
    const std::size_t start = ++at;
    bool has_doubled_quotes = false;
    while (true) {
        if (!has(at)) {
            bad_because_ = "a quote is opened and never closed";
            return false;
        }
        if (at - begin_ > options_.record_bytes_max) {
            bad_because_ = "the record is larger than " +
                           std::to_string(options_.record_bytes_max) +
                           " bytes: is a closing quote missing?";
            return false;
        }
        const std::size_t quote = buffer_.find('"', at);
        if (quote == std::string::npos) {
            at = buffer_.size();
            continue;
        }
        at = quote + 1;
        if (!has(at) || buffer_[at] != '"') {
            fields_.push_back({start, quote, has_doubled_quotes});
            return true;
        }
        has_doubled_quotes = true;
        ++at;
    }
}

/// Up to the delimiter or line end that closes the field.
bool CsvReader::scan_plain(std::size_t& at) {
    const std::size_t start = at;
    while (has(at)) {
        const char sign = buffer_[at];
        if (sign == options_.delimiter || sign == '\n' || sign == '\r') break;
        if (sign == '"') {
            bad_because_ = "a quote stands in a field that does not begin with one";
            return false;
        }
        if (++at - begin_ > options_.record_bytes_max) {
            bad_because_ = "the record is larger than " +
                           std::to_string(options_.record_bytes_max) + " bytes";
            return false;
        }
    }
    fields_.push_back({start, at, false});
    return true;
}

bool CsvReader::take_line_end(std::size_t& at) {
    if (buffer_[at] == '\n') {
        ++at;
        return true;
    }
    if (buffer_[at] != '\r') return false;
    if (has(at + 1) && buffer_[at + 1] != '\n') return false;
    at = std::min(at + 2, buffer_.size());
    return true;
}

std::size_t CsvReader::end_of_first_line() {
    std::size_t at = begin_;
    while (true) {
        const std::size_t line_end = buffer_.find('\n', at);
        if (line_end != std::string::npos) return line_end + 1;
        at = buffer_.size();
        if (at - begin_ > options_.record_bytes_max) {
            is_inside_long_line_ = true;
            return at;
        }
        if (!fill()) return at;
    }
}

void CsvReader::skip_rest_of_line() {
    while (has(begin_)) {
        const std::size_t line_end = buffer_.find('\n', begin_);
        if (line_end != std::string::npos) return consume(line_end + 1 - begin_);
        consume(buffer_.size() - begin_);
    }
}

/// Lets go of bytes at the front, counting lines.
void CsvReader::consume(std::size_t bytes) {
    const auto from = buffer_.begin() + static_cast<std::ptrdiff_t>(begin_);
    line_ += static_cast<std::uint64_t>(
        std::count(from, from + static_cast<std::ptrdiff_t>(bytes), '\n')
    );
    consumed_bytes_ += bytes;
    begin_ += bytes;
    if (begin_ >= kChunkBytes) {
        buffer_.erase(0, begin_);
        begin_ = 0;
    }
}

}  // namespace annals::interchange
