// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// What the tests of schemas share.
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "annals/documents/document_text.hpp"
#include "annals/schemas/schema.hpp"

namespace annals::schemas {

inline documents::Value json(std::string_view text) {
    auto value = documents::parse_document(text);
    EXPECT_TRUE(value) << text;
    return value ? std::move(*value) : documents::Value();
}

inline Schema schema_of(std::string_view text) {
    auto schema = Schema::compile(json(text));
    if (!schema) ADD_FAILURE() << text << schema.error().to_string();
    return schema ? *schema : *Schema::compile(documents::Value(true));
}

}  // namespace annals::schemas
