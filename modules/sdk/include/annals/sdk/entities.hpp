// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "annals/sdk/documents.hpp"

namespace annals {

/// An entity as a struct.
template <typename T>
struct Entity {
    std::string id;
    T value;
    Revision revision;
    bool is_deleted = false;
    TimeNs changed_time = {};
    std::string changed_by = {};
    TimeNs created_time = {};
    std::string created_by = {};
};

/// An entity to be created.
template <typename T>
struct NewEntity {
    std::string id;  ///< empty: the server gives one
    T value;
};

/// What lies between two revisions of an entity.
template <typename T>
struct Difference {
    Entity<T> before;
    Entity<T> after;
    nlohmann::json patch;
    bool is_json_patch = false;  ///< RFC 6902, where a merge patch cannot say it
};

/// The merge patch (RFC 7396) that makes `after` of `before`, both objects. A member that is null
/// afterwards is removed: merge patches cannot say null.
inline nlohmann::json merge_patch_between(
    const nlohmann::json& before, const nlohmann::json& after
) {
    nlohmann::json patch = nlohmann::json::object();
    for (const auto& [name, value] : before.items()) {
        if (!after.contains(name)) patch[name] = nullptr;
    }
    for (const auto& [name, value] : after.items()) {
        const auto was = before.find(name);
        const bool is_new = was == before.end();
        if (!is_new && was->is_object() && value.is_object()) {
            nlohmann::json inner = merge_patch_between(*was, value);
            if (!inner.empty()) patch[name] = std::move(inner);
        } else if (is_new || *was != value) {
            patch[name] = value;
        }
    }
    return patch;
}

/// Entities of one type as structs that nlohmann/json reads and writes
/// (NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE). As Documents; what does not fit the struct throws
/// nlohmann::json::exception.
template <typename T>
class Entities {
  public:
    Entities(Client client, std::string type) : documents_(std::move(client), std::move(type)) {}

    Written create(std::string_view id, const T& value, const WriteOptions& options = {}) const {
        return documents_.create(id, text_of(value), options);
    }
    std::vector<Written> create_many(
        const std::vector<NewEntity<T>>& entities, const WriteOptions& options = {}
    ) const {
        std::vector<NewDocument> documents;
        documents.reserve(entities.size());
        for (const NewEntity<T>& entity : entities) {
            documents.push_back({entity.id, text_of(entity.value)});
        }
        return documents_.create_many(documents, options);
    }
    Written replace(
        std::string_view id,
        const T& value,
        const WriteOptions& options = {},
        bool may_create = false
    ) const {
        return documents_.replace(id, text_of(value), options, may_create);
    }
    /// A merge patch: `{{"price", 275}}`.
    Written patch(
        std::string_view id, const nlohmann::json& changes, const WriteOptions& options = {}
    ) const {
        return documents_.patch(id, changes.dump(), options);
    }
    /// Reads it, lets `change` change it, and writes the difference; again when somebody else was
    /// first. What the struct does not know of the document stays as it is.
    template <typename ChangeValue>
    Written update(std::string_view id, const ChangeValue& change, const WriteOptions& options = {})
        const {
        Written written;
        documents_.client().retry_on_conflict([&] {
            Entity<T> entity = get(id);
            const nlohmann::json before = entity.value;
            change(entity.value);
            WriteOptions expecting = options;
            expecting.expected = entity.revision;
            written = patch(id, merge_patch_between(before, entity.value), expecting);
        });
        return written;
    }
    Written undo(std::string_view id, Revision to, const WriteOptions& options = {}) const {
        return documents_.undo(id, to, options);
    }
    Written remove(std::string_view id, const WriteOptions& options = {}) const {
        return documents_.remove(id, options);
    }

    [[nodiscard]] Entity<T> get(std::string_view id, AsOf as_of = {}, bool with_deleted = false)
        const {
        return entity_of(documents_.get(id, as_of, with_deleted));
    }
    [[nodiscard]] std::optional<Entity<T>> find(std::string_view id, AsOf as_of = {}) const {
        const std::optional<Document> found = documents_.find(id, as_of);
        return found ? std::optional(entity_of(*found)) : std::nullopt;
    }
    [[nodiscard]] Difference<T> diff(std::string_view id, Revision before, Revision after) const {
        const DocumentDifference difference = documents_.diff(id, before, after);
        return {
            entity_of(difference.before),
            entity_of(difference.after),
            nlohmann::json::parse(difference.patch),
            difference.is_json_patch
        };
    }
    [[nodiscard]] Sequence<Change> history(std::string_view id) const {
        return documents_.history(id);
    }
    [[nodiscard]] Sequence<Entity<T>> list(const ListOptions& options = {}) const {
        struct Reader {
            Sequence<Document> documents;
            Sequence<Document>::Iterator at = {};
            bool is_begun = false;
            Entity<T> entity = {};
        };
        // shared by the copies of the sequence, which are one loop
        const auto reader = std::make_shared<Reader>(Reader{documents_.list(options)});
        return Sequence<Entity<T>>([reader]() -> const Entity<T>* {
            if (reader->is_begun) {
                ++reader->at;
            } else {
                reader->at = reader->documents.begin();
            }
            reader->is_begun = true;
            if (reader->at == reader->documents.end()) return nullptr;
            reader->entity = entity_of(*reader->at);
            return &reader->entity;
        });
    }
    [[nodiscard]] std::uint64_t count(const ListOptions& options = {}) const {
        return documents_.count(options);
    }

  private:
    static std::string text_of(const T& value) { return nlohmann::json(value).dump(); }
    static Entity<T> entity_of(const Document& document) {
        return {
            document.id,
            nlohmann::json::parse(document.json).template get<T>(),
            document.revision,
            document.is_deleted,
            document.changed_time,
            document.changed_by,
            document.created_time,
            document.created_by
        };
    }

    Documents documents_;
};

}  // namespace annals
