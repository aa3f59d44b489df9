// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/base/result.hpp"
#include "annals/interchange/record.hpp"

namespace annals::interchange {

/// Where records go, one after the other: a file of some format, an empty log. One thread.
class RecordSink {
  public:
    RecordSink() = default;
    RecordSink(const RecordSink&) = delete;
    RecordSink& operator=(const RecordSink&) = delete;
    virtual ~RecordSink() = default;

    /// Whether it takes records of removed events.
    [[nodiscard]] virtual bool keeps_removed() const { return false; }
    /// Before the first record. is_resumed: behind what an earlier run has written.
    virtual Status begin(bool is_resumed) = 0;
    virtual Status write(const Record& record) = 0;
    /// Behind the last record: what was written is whole now.
    virtual Status end() = 0;
};

}  // namespace annals::interchange
