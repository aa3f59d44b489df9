// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/index/index.hpp"

#include <exception>
#include <utility>

#include "annals/codec/checksum.hpp"

#include "index_impl.hpp"
#include "list_reads.hpp"
#include "query_reads.hpp"
#include "stream_reads.hpp"

namespace annals::index {
namespace {

/// Opens the store and asks the log whether it agrees.
Result<std::unique_ptr<Store>> open_agreeing_store(
    const std::string& directory,
    const IndexOptions& options,
    const std::shared_ptr<rocksdb::Cache>& cache,
    const std::shared_ptr<rocksdb::Statistics>& statistics,
    const std::function<bool(const IndexMark&)>& is_mark_valid
) {
    try {
        ANNALS_TRY(
            std::unique_ptr<Store> store, Store::open(directory, options, cache, statistics)
        );
        const IndexMark mark = store->mark();
        if (mark.position.value > 0 && !is_mark_valid(mark)) {
            return Error(
                ErrorCode::kDataLoss,
                "the log disagrees at position " + std::to_string(mark.position.value)
            );
        }
        return store;
    } catch (const std::exception& exception) {
        return Error(
            ErrorCode::kInternal, "cannot open the index in " + directory + ": " + exception.what()
        );
    }
}

}  // namespace

Result<std::unique_ptr<Index>> Index::open(
    const std::string& directory,
    const IndexOptions& options,
    IndexMemory& memory,
    const std::function<bool(const IndexMark&)>& is_mark_valid,
    std::string& was_discarded
) {
    was_discarded.clear();
    const auto open_store = [&] {
        const IndexMemory::State& shared = *memory.state_;
        return open_agreeing_store(
            directory, options, shared.cache, shared.statistics, is_mark_valid
        );
    };
    auto store = open_store();
    if (!store) {
        const ErrorCode code = store.error().code();
        if (code != ErrorCode::kDataLoss && code != ErrorCode::kUnsupportedFormat) {
            return std::move(store).take_error();
        }
        was_discarded = store.error().message();
        ANNALS_CHECK(Store::destroy(directory));
        store = open_store();
        if (!store) return std::move(store).take_error();
    }
    auto impl = std::make_unique<Impl>(std::move(*store), options, *memory.state_);
    ANNALS_CHECK(impl->load_metadata_filter());
    return std::unique_ptr<Index>(new Index(std::move(impl)));
}

Result<IndexMark> Index::mark_in(const std::string& directory, IndexMemory& memory) {
    try {
        return Store::read_mark_in(directory, memory.state_->cache);
    } catch (const std::exception& exception) {
        return Error(
            ErrorCode::kInternal, "cannot read the index in " + directory + ": " + exception.what()
        );
    }
}

Index::Index(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Index::~Index() = default;

void Index::add(std::span<const IndexedEvent> events, std::uint64_t chain) {
    impl_->add(events, chain);
}
Status Index::flush() { return impl_->flush(); }
Position Index::position() const { return impl_->position(); }
IndexMark Index::ingested() const { return impl_->ingested(); }
std::string Index::background_error() const { return impl_->background_error(); }
IndexStats Index::stats() const { return impl_->stats(); }

Result<std::optional<StreamHead>> Index::head(std::string_view stream) const {
    ANNALS_TRY(auto known, read_head(impl_->moment(), stream, StoreView::Tier::kDisk));
    return *known;
}

std::optional<std::optional<StreamHead>> Index::head_without_disk(std::string_view stream) const {
    auto known = read_head(impl_->moment(), stream, StoreView::Tier::kMemory);
    if (!known) return std::nullopt;
    return *known;
}

bool Index::may_have_metadata(std::uint64_t stream_hash) const {
    return impl_->metadata_filter().may_have(stream_hash);
}

Status Index::stream_positions(
    std::string_view stream,
    Revision from,
    Direction direction,
    std::size_t limit,
    std::vector<Position>& out
) const {
    return read_stream_positions(impl_->moment(), stream, from, direction, limit, out);
}

Status Index::query_positions(
    const model::Query& query,
    Position from,
    Position to,
    Direction direction,
    std::size_t limit,
    std::vector<Position>& out
) const {
    const Moment moment = impl_->moment();
    const auto cursor = query_cursor(moment, query, direction);
    if (!cursor) return ok();
    return read_positions(*cursor, from.value, to.value, limit, out);
}

Result<bool> Index::filter_positions(
    const model::Filter& filter,
    Position from,
    Position to,
    Direction direction,
    std::size_t limit,
    std::vector<Position>& out
) const {
    const Moment moment = impl_->moment();
    const auto cursor = filter_cursor(moment, filter, direction);
    if (!cursor) return false;
    ANNALS_CHECK(read_positions(*cursor, from.value, to.value, limit, out));
    return true;
}

Status Index::find_ids_in_stream(
    std::string_view stream, std::span<const std::uint32_t> hashes, std::vector<IdMatch>& out
) const {
    return find_stream_ids(impl_->moment(), stream, hashes, out);
}

Result<std::optional<std::vector<std::uint32_t>>> Index::stream_id_hashes(
    std::string_view stream, std::size_t max
) const {
    return read_stream_id_hashes(impl_->moment(), stream, max);
}

std::uint32_t Index::id_hash(const Uuid& id) {
    return static_cast<std::uint32_t>(codec::hash64(id.view()));
}

Status Index::find_id(const Uuid& id, std::vector<Position>& out) const {
    return find_id_everywhere(impl_->moment(), codec::hash64(id.view()), out);
}

Result<std::vector<StreamSummary>> Index::list_streams(
    std::string_view prefix, std::string_view after, std::size_t limit
) const {
    return read_streams(impl_->moment(), prefix, after, limit);
}

Result<std::vector<CategorySummary>> Index::list_categories(
    std::string_view prefix, std::string_view after, std::size_t limit
) const {
    return read_categories(impl_->moment(), prefix, after, limit);
}

Result<std::vector<StreamSummary>> Index::list_types(
    std::string_view prefix, std::string_view after, std::size_t limit
) const {
    return read_types(impl_->moment(), prefix, after, limit);
}

}  // namespace annals::index
