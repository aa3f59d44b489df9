// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>

#include "annals/annals.hpp"

namespace users {

/// Who has which address, read from the events that carry its tag: those that claim it and those
/// that give it back. There is no other record of it.
class EmailClaims {
  public:
    explicit EmailClaims(annals::Client client) : client_(std::move(client)) {}

    /// The check of an append that claims the address for `stream`: nobody has claimed it or given
    /// it back since we looked. So of two that look at the same time one is refused by the store,
    /// and looks again. Throws Refused (kEmailTaken) where another user has it. Reads all events
    /// that carry the tag.
    [[nodiscard]] annals::Check claim(const std::string& email, const std::string& stream) const;

  private:
    annals::Client client_;
};

}  // namespace users
