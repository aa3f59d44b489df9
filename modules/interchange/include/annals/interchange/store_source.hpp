// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "annals/api/event_store.hpp"
#include "annals/base/result.hpp"
#include "annals/interchange/record_source.hpp"
#include "annals/interchange/selection.hpp"

namespace annals::interchange {

enum class ReadOrder : std::uint8_t {
    kLog,      ///< by position
    kStreams,  ///< stream after stream, by name: for formats that keep a stream together
};

struct StoreSourceOptions {
    std::string name_space = "default";
    Selection selection;
    ReadOrder order = ReadOrder::kLog;
    /// Nothing behind this position is given, so that a store that goes on taking appends has an
    /// end. 0: what the store's end is when the source is opened.
    Position end;
    std::string cursor;  ///< RecordSource::cursor() of an earlier run, with the same options
};

/// Reads a server (or any store behind the seam), a page at a time, the next one under way while
/// one is given out; stream after stream, the next eight streams. Memory: so many pages of at most
/// 4 MiB, or of one event.
///
/// Stream after stream, a filter by types or tags is asked of the index first, and only streams
/// that have such events are read: the matches are read twice, nothing else is. With other filters,
/// or with over 100,000 such streams, every stream is read whose name fits.
class StoreSource : public RecordSource {
  public:
    /// Asks the store where its log ends. The store must outlive the source.
    static Result<std::unique_ptr<StoreSource>> open(
        api::EventStore& store, const StoreSourceOptions& options
    );

    [[nodiscard]] virtual Position end() const = 0;
    /// Which log it is, and where its history began to differ from copies of it.
    [[nodiscard]] virtual std::string log_name() const = 0;
};

}  // namespace annals::interchange
