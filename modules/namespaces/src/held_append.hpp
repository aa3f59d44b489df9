// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <string>

#include "annals/api/call_context.hpp"
#include "annals/api/event_store.hpp"
#include "annals/model/append.hpp"

namespace annals::namespaces {

/// An append that outlives the call that brought it: the views of context and request point into
/// bytes of its own. Costs one allocation and a copy.
class HeldAppend {
  public:
    HeldAppend(
        const api::CallContext& call_context,
        const model::AppendRequest& append_request,
        api::AppendDone answer
    );
    HeldAppend(const HeldAppend&) = delete;
    HeldAppend& operator=(const HeldAppend&) = delete;

    [[nodiscard]] std::size_t bytes() const { return bytes_.size(); }

    api::CallContext context;
    model::AppendRequest request;
    api::AppendDone done;

  private:
    std::string bytes_;
};

}  // namespace annals::namespaces
