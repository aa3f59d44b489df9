// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string>

#include "annals/typed.hpp"

#include "count.hpp"

namespace metrics {

/// Where a Count is kept: an entity in a namespace of its own, so that saving is no event of the
/// log that is counted. One save is one append of what changed. Calls throw the store's
/// annals::Failure. One thread at a time.
class CountStore {
  public:
    /// `consumer` and `counted` (the namespace) name the entity.
    CountStore(
        const annals::Client& client,
        std::string name_space,
        const std::string& consumer,
        const std::string& counted
    );

    /// Makes the namespace where there is none. Count{}: nothing was saved.
    [[nodiscard]] Count load();
    /// Keeps it, unless another instance has come further: its count is as good, for a count is the
    /// same whoever folds it. False: another instance saved since; once more, please.
    [[nodiscard]] bool save(const Count& count);
    /// The counted log is another one than that of what was saved: the next save replaces it, even
    /// by less.
    void forget_what_was_saved() { is_log_another_ = true; }

  private:
    [[nodiscard]] std::optional<annals::Document> stored();

    annals::Client client_;
    std::string name_space_;
    std::string id_;
    annals::Documents documents_;
    std::optional<annals::Revision> revision_;
    bool is_log_another_ = false;
};

}  // namespace metrics
