// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "annals/model/append_note.hpp"
#include "annals/model/event.hpp"
#include "annals/model/removal_note.hpp"

namespace annals::interchange {

/// One event on its way between a file, a server and a log, with the place that it came from.
/// Views belong to the source and live until it is asked for the next record.
struct Record {
    model::RecordedEvent event;                 ///< a nil id: the source has none
    bool has_stamp = false;                     ///< position, revision and recorded time are known
    std::optional<model::AppendNote> append;    ///< on the first event of an append, where known
    std::optional<model::RemovalNote> removal;  ///< the event was removed: it has no data
    std::uint64_t line = 0;    ///< 1-based line on which it begins; 0: there are no lines
    std::uint64_t number = 0;  ///< 1-based among all records of the source, bad ones included
    std::string_view raw;      ///< as it stands in the source, fit for a file of rejects
};

}  // namespace annals::interchange
