// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "annals/base/result.hpp"
#include "annals/documents/value.hpp"

#include "node.hpp"

namespace annals::schemas {

/// A place that a reference leads to.
struct Location {
    const documents::Value* value = nullptr;
    const Resource* resource = nullptr;
    std::string place;
};

/// One step of a JSON Pointer, with its slash.
std::string escaped(std::string_view step);
/// schema_not_acceptable with `place`, `rule` and `value`.
Error not_acceptable(std::string_view place, const documents::Value& value, std::string_view rule);

/// The addresses and anchors of a schema and of what it may refer to.
class Registry {
  public:
    explicit Registry(Root& root) : root_(root) {}

    /// Notes `$id`, `$anchor` and `$dynamicAnchor` wherever a schema may stand.
    Status add_document(const documents::Value& document, std::string_view uri);

    /// Where a schema stands that was scanned; null where it was not.
    [[nodiscard]] const Location* find(const documents::Value& value) const;
    /// What a reference of a schema in a resource leads to; schema_not_acceptable when nothing.
    Result<Location> resolve(
        const Resource& from,
        std::string_view reference,
        std::string_view place,
        const documents::Value& value
    );

  private:
    Status scan(const documents::Value& value, Location at);
    Status scan_children(const documents::Value& value, const Location& at);
    /// The resource that `at` begins or is in; notes anchors.
    Status enter(const documents::Value& value, Location& at);
    Result<Resource*> add_resource(
        std::string uri, const documents::Value& value, const std::string& place
    );
    Result<Location> walk(const Location& from, std::string_view pointer) const;

    Root& root_;
    std::unordered_map<std::string, Resource*> by_uri_;
    std::unordered_map<const documents::Value*, Location> scanned_;
};

}  // namespace annals::schemas
