// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Client: what is asked and said of streams.

#include <utility>

#include "annals/api/stream_life.hpp"
#include "annals/base/uuid.hpp"
#include "annals/sdk/client.hpp"

#include "client_impl.hpp"
#include "paged.hpp"
#include "words.hpp"

namespace annals {
namespace {

/// Names of one call of a loop.
constexpr std::uint32_t kPageNames = 1'000;

/// The names that `list(context, request)` answers with, page after page.
template <typename List>
Sequence<std::string> names(
    std::shared_ptr<const Client::Impl> client, std::string prefix, List list
) {
    api::ListRequest request;
    request.prefix = std::move(prefix);
    request.limit = kPageNames;
    return sdk::paged<std::string>(
        [client = std::move(client), request = std::move(request), list, is_end = false](
        ) mutable -> std::optional<std::vector<std::string>> {
            if (is_end) return std::nullopt;
            std::vector<std::string> page = client->call([&](const api::CallContext& context) {
                return list(client->backend->events(), context, request);
            });
            is_end = page.size() < kPageNames;
            if (!is_end) request.after = page.back();
            return page;
        }
    );
}

template <typename Summary>
std::vector<std::string> names_of(std::vector<Summary> summaries) {
    std::vector<std::string> names;
    names.reserve(summaries.size());
    for (Summary& summary : summaries) names.push_back(std::move(summary.name));
    return names;
}

StreamMetadata metadata_of(const model::StreamMetadata& from) {
    StreamMetadata metadata;
    if (from.max_age_s) {
        metadata.max_age = std::chrono::seconds(static_cast<std::int64_t>(*from.max_age_s));
    }
    metadata.max_count = from.max_count;
    metadata.truncate_before = from.truncate_before;
    metadata.compact_by = from.compact_by;
    metadata.custom = from.custom;
    return metadata;
}

model::StreamMetadata metadata_of(const StreamMetadata& from) {
    model::StreamMetadata metadata;
    if (from.max_age) {
        if (from.max_age->count() < 1) {
            sdk::fail(Error(
                          ErrorCode::kInvalidArgument,
                          "max_age of " + std::to_string(from.max_age->count()) +
                              " s cannot be: give at least one second, or nothing"
            )
                          .with("field", "metadata.max_age")
                          .with("value", std::to_string(from.max_age->count())));
        }
        metadata.max_age_s = static_cast<std::uint64_t>(from.max_age->count());
    }
    metadata.max_count = from.max_count;
    metadata.truncate_before = from.truncate_before;
    metadata.compact_by = from.compact_by;
    metadata.custom = from.custom;
    return metadata;
}

/// Makes a try that comes again a replay.
std::string new_key() { return make_uuid_v7(system_clock()).to_string(); }

StreamMetadataInfo metadata_info(const Client::Impl& client, const api::MetadataTarget& target) {
    const api::StreamMetadataInfo from = client.call([&](const api::CallContext& context) {
        return client.backend->events().get_stream_metadata(context, target);
    });
    return {
        metadata_of(from.metadata), metadata_of(from.effective), from.revision, from.is_deleted
    };
}

void set_metadata(
    const Client::Impl& client,
    api::MetadataTarget target,
    const StreamMetadata& metadata,
    const Expected& expected
) {
    const api::SetMetadataRequest request{
        std::move(target), metadata_of(metadata), sdk::expected_of(expected), new_key()
    };
    client.wrote(client
                     .call([&](const api::CallContext& context) {
                         return client.backend->events().set_stream_metadata(context, request);
                     })
                     .position);
}

}  // namespace

StreamInfo Client::stream_info(const std::string& stream) const {
    api::StreamInfo from = impl_->call([&](const api::CallContext& context) {
        return impl_->backend->events().get_stream(context, stream);
    });
    StreamInfo info;
    info.name = std::move(from.name);
    info.events = from.events;
    info.first_revision = from.first_revision;
    info.last_revision = from.last_revision;
    info.last_position = from.last_position;
    info.first_time = from.first_time;
    info.last_time = from.last_time;
    info.is_deleted = from.is_deleted;
    return info;
}

Sequence<std::string> Client::streams(std::string prefix) const {
    return names(
        impl_,
        std::move(prefix),
        [](api::EventStore& store, const api::CallContext& context, const api::ListRequest& request
        ) -> Result<std::vector<std::string>> {
            ANNALS_TRY(api::StreamList list, store.list_streams(context, request));
            return names_of(std::move(list.streams));
        }
    );
}

Sequence<std::string> Client::categories(std::string prefix) const {
    return names(
        impl_,
        std::move(prefix),
        [](api::EventStore& store, const api::CallContext& context, const api::ListRequest& request
        ) -> Result<std::vector<std::string>> {
            ANNALS_TRY(api::CategoryList list, store.list_categories(context, request));
            return names_of(std::move(list.categories));
        }
    );
}

Sequence<std::string> Client::types(std::string prefix) const {
    return names(
        impl_,
        std::move(prefix),
        [](api::EventStore& store, const api::CallContext& context, const api::ListRequest& request
        ) -> Result<std::vector<std::string>> {
            ANNALS_TRY(api::StreamList list, store.list_types(context, request));
            return names_of(std::move(list.streams));
        }
    );
}

void Client::delete_stream(const std::string& stream, Expected expected) const {
    const api::DeleteStreamRequest request{stream, sdk::expected_of(expected), new_key()};
    impl_->wrote(impl_
                     ->call([&](const api::CallContext& context) {
                         return impl_->backend->events().delete_stream(context, request);
                     })
                     .position);
}

void Client::tombstone_stream(const std::string& stream, Expected expected) const {
    const api::DeleteStreamRequest request{stream, sdk::expected_of(expected), new_key()};
    impl_->wrote(impl_
                     ->call([&](const api::CallContext& context) {
                         return impl_->backend->events().tombstone_stream(context, request);
                     })
                     .position);
}

void Client::truncate_stream(const std::string& stream, Revision before, Expected expected) const {
    const api::TruncateStreamRequest request{stream, before, sdk::expected_of(expected)};
    impl_->wrote(impl_
                     ->call([&](const api::CallContext& context) {
                         return impl_->backend->events().truncate_stream(context, request);
                     })
                     .position);
}

StreamMetadataInfo Client::stream_metadata(const std::string& stream) const {
    return metadata_info(*impl_, {.stream = stream, .category = {}});
}

StreamMetadataInfo Client::category_metadata(const std::string& category) const {
    return metadata_info(*impl_, {.stream = {}, .category = category});
}

void Client::set_stream_metadata(
    const std::string& stream, const StreamMetadata& metadata, Expected expected
) const {
    set_metadata(*impl_, {.stream = stream, .category = {}}, metadata, expected);
}

void Client::set_category_metadata(
    const std::string& category, const StreamMetadata& metadata, Expected expected
) const {
    set_metadata(*impl_, {.stream = {}, .category = category}, metadata, expected);
}

}  // namespace annals
