// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/result.hpp"

namespace annals::interchange {

/// One record of a CSV file. Views live until the next call of CsvReader::next.
struct CsvRecord {
    std::vector<std::string_view> fields;  ///< without quotes; empty after an error
    std::string_view raw;                  ///< as in the file, without the line end
    std::uint64_t line = 0;                ///< 1-based line on which it begins
    std::uint64_t number = 0;              ///< 1-based number among all records, bad ones included
};

struct CsvOptions {
    char delimiter = ',';
    std::size_t record_bytes_max = 16u << 20u;
};

/// Reads CSV strictly by RFC 4180 from a stream whose bytes may be anything: fields in quotes with
/// commas, line ends and doubled quotes inside; LF or CRLF; a byte order mark before the first
/// record is skipped, and so are empty lines. Whether the text is UTF-8 and has the right number of
/// columns is left to others.
///
/// A quote in the middle of a plain field, text behind a closing quote, a quote that is never
/// closed, a lone carriage return or a record above the limit makes the record bad: next() says so,
/// and goes on at the line after the one on which the record began. Nothing behind a bad record is
/// lost.
///
/// Memory: one record and 64 KiB. Cost: about 3 ns a byte. One thread.
class CsvReader {
  public:
    explicit CsvReader(std::istream& input, CsvOptions options = {});

    /// True: the next record. False: the end. invalid_argument: a bad record (raw, line and number
    /// are set), call again for the next one. io_error: the stream failed, and does so from now on.
    Result<bool> next(CsvRecord& record);

    /// Bytes of the records given out so far.
    [[nodiscard]] std::uint64_t consumed_bytes() const { return consumed_bytes_; }

  private:
    struct Field {
        std::size_t begin;
        std::size_t end;
        bool has_doubled_quotes;
    };
    enum class Scan : std::uint8_t { kWhole, kEnd, kBad };

    bool fill();
    [[nodiscard]] bool has(std::size_t at);
    Scan scan_record();
    bool scan_quoted(std::size_t& at);
    bool scan_plain(std::size_t& at);
    bool take_line_end(std::size_t& at);
    void skip_empty_lines();
    void skip_byte_order_mark();
    void skip_rest_of_line();
    Result<bool> give_bad(CsvRecord& record);
    void give_fields(CsvRecord& record);
    std::size_t end_of_first_line();
    void consume(std::size_t bytes);

    std::istream& input_;
    CsvOptions options_;
    std::string buffer_;
    std::size_t begin_ = 0;    ///< of the record, in buffer_
    std::size_t scanned_ = 0;  ///< end of the record with its line end
    std::size_t raw_end_ = 0;  ///< end of the record without it
    std::size_t given_ = 0;    ///< bytes to drop at the next call
    std::vector<Field> fields_;
    std::string unquoted_;  ///< fields with doubled quotes, with single ones
    std::string bad_because_;
    std::uint64_t line_ = 1;
    std::uint64_t number_ = 0;
    std::uint64_t consumed_bytes_ = 0;
    bool is_drained_ = false;
    bool is_inside_long_line_ = false;
};

}  // namespace annals::interchange
