// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "annals/base/named_type.hpp"
#include "annals/base/result.hpp"
#include "annals/commit/orderer.hpp"

namespace annals::commit {

/// The events of one stream from the newest on, one at a time: what histories are read with. One
/// thread at a time; the orderer must outlive it. Costs a look into the index for 256 events, and
/// one into the log for each.
class NewestFirst {
  public:
    /// Those below the revision; nothing: all.
    static Result<NewestFirst> open(
        const Orderer& orderer, std::string stream, std::optional<Revision> below
    );

    /// Whether the stream was ever written.
    [[nodiscard]] bool is_known() const { return is_known_; }
    /// The next older one, also where it was removed; its views live until the next call. Nothing:
    /// that was all. An event that damage took, and that is passed over, is left out.
    Result<std::optional<log::StoredEvent>> next();
    /// Those that were not given yet lie below it.
    [[nodiscard]] Revision below() const { return Revision(below_); }

  private:
    NewestFirst(const Orderer& orderer, std::string stream)
        : orderer_(&orderer), stream_(std::move(stream)), reader_(orderer.log().reader()) {}

    const Orderer* orderer_;
    std::string stream_;
    log::LogReader reader_;
    bool is_known_ = false;
    std::uint64_t below_ = 0;
    std::vector<Position> positions_;
    std::size_t place_ = 0;
};

}  // namespace annals::commit
