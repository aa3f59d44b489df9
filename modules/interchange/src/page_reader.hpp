// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <future>
#include <optional>
#include <string>

#include "annals/api/event_store.hpp"

namespace annals::interchange {

/// Reads page after page, the next one under way while one is looked at. One thread beside the
/// calling one.
class PageReader {
  public:
    PageReader(api::EventStore& store, std::string name_space, api::ReadRequest request);
    PageReader(const PageReader&) = delete;
    PageReader& operator=(const PageReader&) = delete;
    ~PageReader();

    /// Nothing behind the last page, which says is_end.
    Result<std::optional<api::ReadPage>> next();

  private:
    void start();

    api::EventStore& store_;
    const std::string name_space_;
    api::ReadRequest request_;
    std::optional<std::future<Result<api::ReadPage>>> under_way_;
};

}  // namespace annals::interchange
