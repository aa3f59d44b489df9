// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <istream>
#include <memory>
#include <ostream>

#include "annals/base/result.hpp"
#include "annals/interchange/csv_mapping.hpp"
#include "annals/interchange/record_sink.hpp"
#include "annals/interchange/record_source.hpp"

namespace annals::interchange {

/// A CSV file whose first line names the columns. With a mapping any file (see CsvMapping); without
/// one our own, as make_csv_sink() writes it: all or some of its columns, in any order, at least
/// stream and type. config_invalid when header and mapping do not fit, unreadable_input when there
/// is no header. Memory: a record of at most 16 MiB, twice. The input must outlive the source.
Result<std::unique_ptr<RecordSource>> open_csv_source(
    std::istream& input, const CsvMapping& mapping
);

/// Our own columns (docs/reference/import-and-export.md), LF at line ends, quotes where needed.
std::unique_ptr<RecordSink> make_csv_sink(std::ostream& output);

}  // namespace annals::interchange
