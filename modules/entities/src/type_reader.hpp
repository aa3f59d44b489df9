// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "annals/api/event_store.hpp"
#include "annals/base/result.hpp"
#include "annals/entities/entity_types.hpp"
#include "annals/model/append.hpp"

namespace annals::entities {

/// What holds for the documents of a type now.
struct TypeRules {
    std::string stream;
    /// That the type is still as it was read: goes with every append it was read for.
    model::ExpectedRevision expectation = model::ExpectedRevision::no_stream();
    std::uint32_t version = 0;
    std::optional<schemas::Schema> schema;  ///< nothing: nothing is validated

    /// document_not_valid, `what` being the document's name; limit_exceeded.
    Status check(std::string_view what, const documents::Value& document) const;
};

/// The newest event of a type's stream (type_stream_of); nothing when there is none.
Result<std::optional<EntityType>> read_type(
    api::EventStore& store, const api::CallContext& context, const std::string& stream
);

/// Reads the rules of types and remembers them compiled: those of about kBytesMax of schemas. Each
/// call asks for the head of the type's stream, so none is old; but for types that were not there
/// when try_rules() asked: that they still are not is for the append's check to find out. Of those
/// at most kAbsentMax are remembered. Any thread.
class TypeReader {
  public:
    static constexpr std::size_t kBytesMax = 8u << 20u;
    static constexpr std::size_t kAbsentMax = 4'096;

    explicit TypeReader(api::EventStore& store) : store_(store) {}

    Result<TypeRules> rules(const api::CallContext& context, std::string_view type);
    /// The same without waiting or asking the disk, where that tells; nothing: call rules(). A type
    /// that was put since it was last found missing is still missing here, until rules() was
    /// called.
    std::optional<TypeRules> try_rules(const api::CallContext& context, std::string_view type);

  private:
    /// Position and time tell apart also a namespace that was made anew.
    using Mark = std::tuple<Revision, Position, TimeNs>;
    struct Entry {
        Mark mark;
        TypeRules rules;
    };

    std::optional<TypeRules> find(const std::string& key, const Mark& mark);
    [[nodiscard]] bool was_absent(const std::string& key);
    void remember_absent(std::string key);
    void forget_absent(const std::string& key);
    void remember(std::string key, Entry entry, std::size_t bytes);

    api::EventStore& store_;
    std::mutex mutex_;
    std::map<std::string, Entry, std::less<>> entries_;
    std::set<std::string> absent_;
    std::size_t bytes_ = 0;
};

}  // namespace annals::entities
