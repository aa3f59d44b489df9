// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "page_reader.hpp"

#include <utility>

namespace annals::interchange {

PageReader::PageReader(api::EventStore& store, std::string name_space, api::ReadRequest request)
    : store_(store), name_space_(std::move(name_space)), request_(std::move(request)) {
    start();
}

PageReader::~PageReader() {
    if (under_way_) under_way_->wait();
}

void PageReader::start() {
    under_way_ = std::async(std::launch::async, [this, request = request_] {
        api::CallContext context;
        context.name_space = name_space_;
        return store_.read(context, request);
    });
}

Result<std::optional<api::ReadPage>> PageReader::next() {
    if (!under_way_) return std::optional<api::ReadPage>();
    std::future<Result<api::ReadPage>> answer = std::move(*under_way_);
    under_way_.reset();
    ANNALS_TRY(api::ReadPage page, answer.get());
    if (!page.is_end) {
        request_.start = api::AfterToken{page.next};
        start();
    }
    return std::optional<api::ReadPage>(std::move(page));
}

}  // namespace annals::interchange
