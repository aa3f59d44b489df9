// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <rapidcheck.h>

#include "annals/documents/value.hpp"

namespace annals::documents::testing {

/// 0 to n - 1, all alike from the first run on (rapidcheck begins with small numbers).
inline int below(int n) { return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, n)); }

inline std::string one_of(const std::vector<std::string>& texts) {
    return texts[static_cast<std::size_t>(below(static_cast<int>(texts.size())))];
}

/// Random values for property tests: few names, so that documents share members; nulls everywhere;
/// numbers of one value in several ways of writing.
inline Value arbitrary_value(int levels) {
    switch (below(levels > 0 ? 10 : 5)) {
        case 0:
            return Value();
        case 1:
            return Value(below(2) == 1);
        case 2:
        case 3: {
            const auto text = one_of(
                {"0", "-0.0", "1", "1.0", "1e0", "12345678901234567890123", "2.50", "-7E-3", "1e300"
                }
            );
            return Value(Number{text});
        }
        case 4:
            return Value(one_of({"", "a", "~/\"\\", "\n\x01", "\xC3\xA4", "\xF0\x9F\x98\x80"}));
        case 5: {
            Array elements;
            for (int i = below(5); i > 0; --i) {
                elements.push_back(arbitrary_value(levels - 1));
            }
            return Value(std::move(elements));
        }
        default: {
            Object members;
            for (int i = below(6); i > 0; --i) {
                members.push_back(
                    {one_of(
                         {"a", "b", "c", "", "a/b", "m~n", "0", "\xEF\xBF\xBD", "\xF0\x9F\x98\x80"}
                     ),
                     arbitrary_value(levels - 1)}
                );
            }
            return Value(std::move(members));
        }
    }
}

/// The same, an object.
inline Value arbitrary_object(int levels) {
    Value value = arbitrary_value(levels);
    if (value.is_object()) return value;
    Object members;
    members.push_back({"a", std::move(value)});
    return Value(std::move(members));
}

}  // namespace annals::documents::testing
