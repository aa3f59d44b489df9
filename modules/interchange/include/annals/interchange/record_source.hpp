// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>

#include "annals/base/result.hpp"
#include "annals/interchange/record.hpp"

namespace annals::interchange {

/// What stands before and behind the records in a file of rejects, so that it is a file of its
/// format again.
struct RejectsFrame {
    std::string head;
    std::string tail;
};

/// Where records come from, one after the other: a file of some format, a server, a log. Reads as
/// it goes: memory is bounded by the limits that each body states, whatever the size of the source.
/// One thread.
class RecordSource {
  public:
    RecordSource() = default;
    RecordSource(const RecordSource&) = delete;
    RecordSource& operator=(const RecordSource&) = delete;
    virtual ~RecordSource() = default;

    /// True: the next record. False: the end. invalid_argument or limit_exceeded: a bad record;
    /// line, number and raw are set, and the next call goes on behind it. Any other error ends the
    /// source: unreadable_input says where the format is broken for good.
    virtual Result<bool> next(Record& record) = 0;

    /// How far it has come, of total(): bytes of a file, positions of a log.
    [[nodiscard]] virtual std::uint64_t consumed() const = 0;
    /// 0: not known.
    [[nodiscard]] virtual std::uint64_t total() const { return 0; }

    [[nodiscard]] virtual RejectsFrame rejects_frame() const { return {}; }

    /// Where to go on behind the record given last, for whoever opens the source again; empty where
    /// that is not possible, or not behind this record.
    [[nodiscard]] virtual std::string cursor() const { return {}; }
};

/// Whether the error is of one record alone.
bool is_bad_record(const Error& error);

}  // namespace annals::interchange
