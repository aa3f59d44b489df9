// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "annals/sdk/sequence.hpp"

namespace annals::sdk {

/// One value after the other of pages that `fetch` gives as std::optional<std::vector<T>>: nothing
/// is the end, a page may be empty.
template <typename T, typename Fetch>
Sequence<T> paged(Fetch fetch) {
    struct Reader {
        Fetch fetch;
        std::vector<T> page = {};
        std::size_t at = 0;
    };
    // shared by the copies of the sequence, which are one loop
    const auto reader = std::make_shared<Reader>(Reader{std::move(fetch)});
    return Sequence<T>([reader]() -> const T* {
        while (reader->at == reader->page.size()) {
            std::optional<std::vector<T>> page = reader->fetch();
            if (!page) return nullptr;
            reader->page = std::move(*page);
            reader->at = 0;
        }
        return &reader->page[reader->at++];
    });
}

}  // namespace annals::sdk
