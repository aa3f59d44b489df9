// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

#include "message.hpp"

namespace annals::http_door::detail {

/// Compresses the content as the request accepts it (Accept-Encoding: gzip, or deflate), where it
/// pays: text of at least 1 KiB that gets smaller. About 10 ms a megabyte; any thread.
void compress(const Request& request, Response& response);

/// Whether the field value accepts the coding: named, or `*`, and not with q=0.
bool accepts_coding(std::string_view accept_encoding, std::string_view coding);

}  // namespace annals::http_door::detail
