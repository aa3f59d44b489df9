// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "annals/api/event_store.hpp"
#include "annals/base/result.hpp"
#include "annals/documents/value.hpp"
#include "annals/entities/entity.hpp"
#include "annals/schemas/compatibility.hpp"
#include "annals/schemas/schema.hpp"

namespace annals::entities {

/// What is agreed about the documents of a type, as of one version of its schema.
struct EntityType {
    std::string type;
    std::uint32_t version = 0;  ///< of the schema: 1, 2, …; goes on after a deletion
    documents::Value schema;    ///< null in lists
    schemas::Draft draft = schemas::Draft::k202012;
    schemas::Compatibility compatibility = schemas::Compatibility::kBackward;
    bool is_validated = true;  ///< whether writes are checked
    bool is_deleted = false;
    /// What the schema broke of its promise when it was put nevertheless.
    std::vector<std::string> breaks;
    Revision revision;  ///< of the type's stream
    Stamp changed;
    std::string position;       ///< token up to which the answer speaks
    bool is_unchanged = false;  ///< put: it was so already, no event was written
};

struct PutEntityType {
    std::string type;
    documents::Value schema;
    std::optional<schemas::Draft> draft;  ///< nothing: what `$schema` says, else 2020-12
    /// The promise; kept for this change and the next ones. Nothing: as it was, at first backward.
    std::optional<schemas::Compatibility> compatibility;
    std::optional<bool> is_validated;  ///< nothing: as it was, at first true
    bool skips_check = false;          ///< put it though it breaks the promise
    std::optional<std::uint32_t>
        expected_version;  ///< conflict when the newest is another; 0: none, or it is deleted
    std::string actor;
};

struct CheckSchema {
    std::string type;
    documents::Value schema;
    std::optional<schemas::Draft> draft;
    std::optional<schemas::Compatibility> compatibility;  ///< nothing: the type's
    /// Also against what every entity is now: those after the id, at most kCheckedMax a call.
    bool is_against_data = false;
    std::string after;
    std::uint32_t failures_max = 10;  ///< 1 to 100
};

/// An entity that the schema would refuse, or that cannot be read: then without violations, and
/// the first one's message says why.
struct FailedEntity {
    std::string id;
    Revision revision;
    std::size_t violations = 0;
    schemas::Violation first;
};

struct SchemaReport {
    std::uint32_t against_version = 0;  ///< 0: there is none to compare with
    schemas::Compatibility compatibility = schemas::Compatibility::kBackward;
    schemas::Comparison comparison;
    std::uint64_t looked_at = 0;  ///< live entities
    std::uint64_t failed = 0;
    std::vector<FailedEntity> failures;  ///< the first ones, by id
    std::string next;                    ///< `after` to go on with; empty when all were looked at
};

struct EntityTypeList {
    std::vector<EntityType> types;  ///< by name, without schemas
    std::string next;               ///< `after` of the next page; empty at the end
};

/// Types of entities: their schemas, each version an event of the stream `$entity-type-<type>` in
/// the users' log. Bodies: over the seam (below), a remote server (`client`). All calls wait; any
/// thread.
class EntityTypeStore {
  public:
    static constexpr std::uint32_t kListMax = 1'000;
    static constexpr std::uint32_t kFailuresMax = 100;
    /// Entities that one check looks at.
    static constexpr std::size_t kCheckedMax = 10'000;
    /// Versions that are listed: the newest.
    static constexpr std::uint32_t kVersionsMax = 1'000;

    EntityTypeStore() = default;
    EntityTypeStore(const EntityTypeStore&) = delete;
    EntityTypeStore& operator=(const EntityTypeStore&) = delete;
    virtual ~EntityTypeStore() = default;

    // Errors of all: invalid_argument and limit_exceeded for the type's name, and those of the
    // event store.

    /// A new version when the schema is another one. schema_not_acceptable; schema_not_compatible
    /// unless skips_check; conflict for expected_version. After a deletion nothing is promised.
    virtual Result<EntityType> put(
        const api::CallContext& context, const PutEntityType& request
    ) = 0;
    /// entity_type_not_found; the newest without a version, also a version of a deleted type.
    virtual Result<EntityType> get(
        const api::CallContext& context,
        const std::string& type,
        std::optional<std::uint32_t> version = {}
    ) = 0;
    /// Those that are not deleted. `limit` is 1 to kListMax.
    virtual Result<EntityTypeList> list(
        const api::CallContext& context, const std::string& after, std::uint32_t limit
    ) = 0;
    /// All puts and deletions, oldest first, without schemas.
    virtual Result<std::vector<EntityType>> versions(
        const api::CallContext& context, const std::string& type
    ) = 0;
    /// Nothing is validated from then on; entities and versions stay. entity_type_not_found;
    /// conflict when the newest version is not the expected one.
    virtual Result<EntityType> remove(
        const api::CallContext& context,
        const std::string& type,
        const std::string& actor,
        std::optional<std::uint32_t> expected_version = {}
    ) = 0;
    /// What put would say, and what the data says; changes nothing.
    virtual Result<SchemaReport> check(
        const api::CallContext& context, const CheckSchema& request
    ) = 0;
};

/// Over a store of this process, which must outlive it.
std::unique_ptr<EntityTypeStore> make_entity_types(api::EventStore& store);

}  // namespace annals::entities
