// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <ostream>

namespace annals::interchange {

/// Writes a made-up shop's orders as CSV, one line for each event, in the order of time: columns
/// order, event, at, by, item, quantity, price, customer, note. The same bytes each time, on every
/// machine. About one line in seven needs quotes, times cross the end of summer time, some fields
/// are empty: what real files bring. Lines are written as they are made: what waits is the orders
/// under way, about 100 bytes a line. Ends early when the stream fails; at most kDemoRowsMax rows.
inline constexpr std::uint64_t kDemoRowsMax = 10'000'000;
void write_demo_orders(std::ostream& out, std::uint64_t rows);

}  // namespace annals::interchange
