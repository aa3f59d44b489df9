// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/entities/entity_types.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "annals/documents/canonical.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/entities/entity_key.hpp"
#include "annals/entities/entity_store.hpp"
#include "annals/model/refusals.hpp"

#include "entity_list.hpp"
#include "state_reader.hpp"
#include "type_reader.hpp"
#include "type_record.hpp"

namespace annals::entities {
namespace {

using documents::Value;
using schemas::Schema;

Error not_found(const std::string& type, std::string message) {
    return Error(ErrorCode::kEntityTypeNotFound, std::move(message)).with("type", type);
}

Error not_at_version(std::uint32_t expected, const std::string& type, std::uint32_t version) {
    return Error(
               ErrorCode::kConflict,
               "the newest schema of " + type + " is version " + std::to_string(version) +
                   ", expected " + std::to_string(expected)
    )
        .with("type", type)
        .with("version", std::to_string(version));
}

Result<Schema> compile(const Value& schema, const std::optional<schemas::Draft>& draft) {
    schemas::CompileOptions options;
    options.draft = draft;
    return Schema::compile(schema, std::move(options));
}

/// Types that a part of the server itself writes.
api::CallContext as_server(api::CallContext context) {
    context.is_server = true;
    return context;
}

class DirectEntityTypes final : public EntityTypeStore {
  public:
    explicit DirectEntityTypes(api::EventStore& store) : store_(store) {}

    Result<EntityType> put(const api::CallContext& context, const PutEntityType& request) override {
        ANNALS_CHECK(check_type(request.type));
        ANNALS_TRY(const Schema schema, compile(request.schema, request.draft));
        return change(context, request.type, request.actor, [&](const auto& before) {
            return next_of(before, request, schema);
        });
    }

    Result<EntityType> get(
        const api::CallContext& context,
        const std::string& type,
        std::optional<std::uint32_t> version
    ) override {
        ANNALS_CHECK(check_type(type));
        ANNALS_TRY(
            const std::optional<EntityType> newest, read_type(store_, context, type_stream_of(type))
        );
        if (!newest) return not_found(type, "there is no entity type " + type);
        if (!version && newest->is_deleted) {
            return not_found(
                type, "the entity type " + type + " is deleted; ask for one of its versions"
            );
        }
        if (!version) return *newest;
        // Backwards: the last event of a version has its newest settings.
        std::optional<EntityType> found;
        ANNALS_CHECK(walk_versions(context, type, [&](EntityType one) {
            const bool is_it = one.version == *version && !one.is_deleted;
            if (is_it) found = std::move(one);
            return !is_it;
        }));
        if (found) {
            found->position = newest->position;
            return *std::move(found);
        }
        return not_found(
                   type,
                   "the entity type " + type + " has no version " + std::to_string(*version) +
                       "; the newest is " + std::to_string(newest->version)
        )
            .with("version", std::to_string(*version));
    }

    Result<EntityTypeList> list(
        const api::CallContext& context, const std::string& after, std::uint32_t limit
    ) override {
        if (limit == 0 || limit > kListMax) {
            return model::refused("limit", std::to_string(limit), "1 to 1000");
        }
        api::ListRequest request;
        request.prefix = kTypeStreams;
        request.limit = limit;
        if (!after.empty()) request.after = type_stream_of(after);
        ANNALS_TRY(const api::StreamList streams, store_.list_streams(context, request));
        EntityTypeList page;
        for (const api::StreamSummary& stream : streams.streams) {
            ANNALS_TRY(std::optional<EntityType> found, read_type(store_, context, stream.name));
            if (!found) continue;
            page.next = found->type;
            if (found->is_deleted) continue;
            found->schema = Value();
            page.types.push_back(std::move(*found));
        }
        if (streams.streams.size() < limit) page.next.clear();
        return page;
    }

    Result<std::vector<EntityType>> versions(
        const api::CallContext& context, const std::string& type
    ) override {
        ANNALS_CHECK(check_type(type));
        std::vector<EntityType> all;
        ANNALS_CHECK(walk_versions(context, type, [&](EntityType one) {
            one.schema = Value();
            all.push_back(std::move(one));
            return all.size() < kVersionsMax;
        }));
        if (all.empty()) return not_found(type, "there is no entity type " + type);
        std::reverse(all.begin(), all.end());
        return all;
    }

    Result<EntityType> remove(
        const api::CallContext& context,
        const std::string& type,
        const std::string& actor,
        std::optional<std::uint32_t> expected_version
    ) override {
        ANNALS_CHECK(check_type(type));
        return change(
            context,
            type,
            actor,
            [&](const std::optional<EntityType>& before) -> Result<EntityType> {
                if (!before || before->is_deleted) {
                    return not_found(type, "there is no entity type " + type);
                }
                if (expected_version && *expected_version != before->version) {
                    return not_at_version(*expected_version, type, before->version);
                }
                EntityType next;
                next.version = before->version;
                next.is_deleted = true;
                return next;
            }
        );
    }

    Result<SchemaReport> check(const api::CallContext& context, const CheckSchema& request)
        override {
        ANNALS_CHECK(check_type(request.type));
        if (request.failures_max == 0 || request.failures_max > kFailuresMax) {
            return model::refused("failures_max", std::to_string(request.failures_max), "1 to 100");
        }
        ANNALS_TRY(const Schema schema, compile(request.schema, request.draft));
        ANNALS_TRY(
            const std::optional<EntityType> now,
            read_type(store_, context, type_stream_of(request.type))
        );
        SchemaReport report;
        if (now && !now->is_deleted) {
            report.against_version = now->version;
            report.compatibility = request.compatibility.value_or(now->compatibility);
            ANNALS_TRY(const Schema before, compile(now->schema, now->draft));
            report.comparison = schemas::compare(before, schema, report.compatibility);
        } else if (request.compatibility) {
            report.compatibility = *request.compatibility;
        }
        if (request.is_against_data) ANNALS_CHECK(check_data(context, request, schema, report));
        return report;
    }

  private:
    /// From the newest on, until `visit` answers false; a page at a time, because schemas are
    /// large.
    Status walk_versions(
        const api::CallContext& context,
        const std::string& type,
        const std::function<bool(EntityType)>& visit
    ) {
        constexpr std::uint32_t kPageEvents = 100;
        api::ReadRequest request;
        request.stream = type_stream_of(type);
        request.direction = api::Direction::kBackwards;
        request.limit = kPageEvents;
        for (bool goes_on = true; goes_on;) {
            auto page = store_.read(context, request);
            if (!page && page.error().code() == ErrorCode::kStreamNotFound) return ok();
            if (!page) return std::move(page).take_error();
            Revision oldest;
            ANNALS_CHECK(page->events.for_each([&](const model::RecordedEvent& event) -> Status {
                oldest = event.revision;
                if (!goes_on) return ok();
                ANNALS_TRY(EntityType one, parse_type_event(event));
                goes_on = visit(std::move(one));
                return ok();
            }));
            if (page->is_end || oldest.value == 0) break;
            request.start = api::FromRevision{Revision(oldest.value - 1)};
        }
        return ok();
    }

    /// What a put makes of what is there; is_unchanged when nothing.
    static Result<EntityType> next_of(
        const std::optional<EntityType>& before, const PutEntityType& request, const Schema& schema
    ) {
        const bool is_live = before && !before->is_deleted;
        const std::uint32_t version = before ? before->version : 0;
        const bool is_expected = !request.expected_version ||
                                 *request.expected_version == version ||
                                 (*request.expected_version == 0 && !is_live);
        if (!is_expected) {
            return not_at_version(*request.expected_version, request.type, version);
        }
        EntityType next;
        next.draft = schema.draft();
        next.schema = request.schema;
        next.compatibility = request.compatibility.value_or(
            is_live ? before->compatibility : schemas::Compatibility::kBackward
        );
        next.is_validated = request.is_validated.value_or(is_live ? before->is_validated : true);
        const bool is_same = is_live && before->draft == next.draft &&
                             documents::is_equal(before->schema, next.schema);
        next.version = is_same ? version : version + 1;
        if (is_same) {
            next.breaks = before->breaks;
            next.is_unchanged = before->compatibility == next.compatibility &&
                                before->is_validated == next.is_validated;
            return next;
        }
        if (!is_live) return next;
        ANNALS_TRY(const Schema old, compile(before->schema, before->draft));
        const schemas::Comparison found = schemas::compare(old, schema, next.compatibility);
        if (found.is_compatible()) return next;
        if (!request.skips_check) {
            return schemas::make_not_compatible(request.type, next.compatibility, found);
        }
        for (const schemas::Break& one : found.breaks) next.breaks.push_back(to_string(one));
        return next;
    }

    /// Reads, decides, appends on what was read; again when somebody was first.
    template <typename Decide>
    Result<EntityType> change(
        const api::CallContext& caller,
        const std::string& type,
        const std::string& actor,
        const Decide& decide
    ) {
        const api::CallContext context = as_server(caller);
        for (int attempts = 1;; ++attempts) {
            ANNALS_TRY(
                const std::optional<EntityType> before,
                read_type(store_, context, type_stream_of(type))
            );
            ANNALS_TRY(EntityType next, decide(before));
            next.type = type;
            if (next.is_unchanged) {
                next.revision = before->revision;
                next.changed = before->changed;
                next.position = before->position;
                return next;
            }
            const std::string stream = type_stream_of(type);
            const std::string data = type_data_of(next);
            model::AppendRequest request;
            request.stream = stream;
            model::NewEvent& event = request.events.emplace_back();
            event.type = next.is_deleted ? kTypeDeleted : kTypePut;
            event.data = data;
            event.actor = actor;
            request.checks.emplace_back(model::StreamCheck{
                stream,
                before ? model::ExpectedRevision::exactly(before->revision)
                       : model::ExpectedRevision::no_stream()
            });
            auto appended = store_.append_and_wait(context, request);
            if (appended) {
                next.revision = appended->streams.front().last;
                next.changed = {appended->recorded_time, actor};
                next.position = appended->position;
                return next;
            }
            const bool is_race = appended.error().code() == ErrorCode::kConflict;
            if (!is_race || attempts == EntityStore::kAttemptsMax) {
                return std::move(appended).take_error();
            }
        }
    }

    Status check_data(
        const api::CallContext& context,
        const CheckSchema& request,
        const Schema& schema,
        SchemaReport& report
    ) {
        ListEntities list;
        list.type = request.type;
        list.after = request.after;
        std::optional<Error> failure;
        StateReader reader(store_);  // what it remembers goes with the check
        ANNALS_TRY(
            const Walked walked,
            walk(
                store_,
                reader,
                nullptr,
                context,
                list,
                {[&](const Entity& entity) {
                     ++report.looked_at;
                     auto verdict = schema.validate(entity.document);
                     if (!verdict) {
                         failure.emplace(std::move(verdict).take_error());
                         return false;
                     }
                     if (verdict->is_valid()) return true;
                     ++report.failed;
                     if (report.failures.size() < request.failures_max) {
                         report.failures.push_back(
                             {entity.key.id,
                              entity.revision,
                              verdict->violations.size(),
                              verdict->violations.front()}
                         );
                     }
                     return true;
                 },
                 [&](UnreadableEntity entity) {
                     ++report.looked_at;
                     ++report.failed;
                     if (report.failures.size() < request.failures_max) {
                         schemas::Violation why;
                         why.message = std::move(entity.problem);
                         report.failures.push_back(
                             {std::move(entity.id), entity.revision, 0, std::move(why)}
                         );
                     }
                     return true;
                 }}
            )
        );
        if (failure) return *std::move(failure);
        report.next = walked.next;
        return ok();
    }

    api::EventStore& store_;
};

}  // namespace

std::unique_ptr<EntityTypeStore> make_entity_types(api::EventStore& store) {
    return std::make_unique<DirectEntityTypes>(store);
}

}  // namespace annals::entities
