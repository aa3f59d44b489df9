// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "mailbox.hpp"

#include <boost/asio/post.hpp>

namespace annals::http_door::detail {

void Mailbox::post(runtime::Task& task) {
    if (posted_.push(task)) boost::asio::post(io_, [this] { posted_.run_all(); });
}

}  // namespace annals::http_door::detail
