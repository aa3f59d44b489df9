// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "builder.hpp"

#include <algorithm>
#include <optional>

#include <rocksdb/sst_file_writer.h>

namespace annals::index {
namespace {

constexpr std::size_t kTotalsMax = 100'000;

/// Terms in the order of their names lie anywhere in memory: fetches what comes next.
void prefetch(const std::vector<const TermEntry*>& terms, std::size_t i) {
    if (i + 8 < terms.size()) __builtin_prefetch(terms[i + 8]);
    if (i + 4 < terms.size()) {
        terms[i + 4]->postings.prefetch();
        __builtin_prefetch(terms[i + 4]->data);
    }
}

}  // namespace

/// The file being written: keys must come in order.
class Builder::File {
  public:
    explicit File(const Store& store)
        : writer_(rocksdb::EnvOptions(store.options()), store.options()) {}

    Status open(const std::string& path) { return checked(writer_.Open(path)); }
    Status put(std::string_view key, std::string_view value) {
        return checked(writer_.Put(
            rocksdb::Slice(key.data(), key.size()), rocksdb::Slice(value.data(), value.size())
        ));
    }
    Status finish() { return checked(writer_.Finish()); }

  private:
    static Status checked(const rocksdb::Status& status) {
        if (status.ok()) return ok();
        return error_of(status, "cannot write a file of the index");
    }

    rocksdb::SstFileWriter writer_;
};

Status Builder::ingest(const Window& window) {
    if (has_failed_) {
        ANNALS_CHECK(store_.recover());
        has_failed_ = false;
        if (store_.mark().position.value >= window.end()) return ok();
    }
    const std::string path = store_.building_path();
    new_totals_.clear();
    Status done = build(window, path);
    if (done) done = store_.ingest(path, IndexMark{Position(window.end()), window.chain()});
    if (!done) {
        has_failed_ = true;
        totals_.clear();
        store_.options().env->DeleteFile(path).PermitUncheckedError();
        return done;
    }
    if (totals_.size() + new_totals_.size() > kTotalsMax) totals_.clear();
    if (new_totals_.size() <= kTotalsMax) {
        for (auto& [key, total] : new_totals_) totals_[std::move(key)] = total;
    }
    return ok();
}

Status Builder::build(const Window& window, const std::string& path) {
    File file(store_);
    ANNALS_CHECK(file.open(path));
    // In the order of the families' bytes.
    ANNALS_CHECK(add_summaries(file, window, TermKind::kCategory, Family::kCategorySummary));
    ANNALS_CHECK(add_summaries(file, window, TermKind::kType, Family::kTypeSummary));
    ANNALS_CHECK(add_postings(file, window, TermKind::kCategory, Family::kCategory));
    ANNALS_CHECK(add_postings(file, window, TermKind::kTag, Family::kTag));
    ANNALS_CHECK(add_heads(file, window));
    ANNALS_CHECK(add_mark(file, window));
    ANNALS_CHECK(add_streams(file, window));
    ANNALS_CHECK(add_postings(file, window, TermKind::kType, Family::kType));
    ANNALS_CHECK(add_ids(file, window));
    return file.finish();
}

Result<SummaryValue> Builder::total_of(const std::string& key) {
    if (const auto found = totals_.find(key); found != totals_.end()) return found->second;
    std::optional<std::string> value;
    ANNALS_CHECK(store_.get(key, value));
    if (!value) return SummaryValue{};
    const std::optional<SummaryValue> total = decode_summary(*value);
    if (!total) return store_.damaged_value(key);
    return *total;
}

Status Builder::add_summaries(File& file, const Window& window, TermKind kind, Family family) {
    const auto terms = window.sorted(kind);
    for (const TermEntry* term : *terms) {
        const PostingReader postings = window.postings(*term, window.end());
        put_name_key(key_, family, term->text());
        ANNALS_TRY(SummaryValue total, total_of(key_));
        total.events += postings.size();
        total.streams += term->new_streams.load(std::memory_order_relaxed);
        total.last_position = window.base() + postings[postings.size() - 1];
        total.last_time = window.time_at(total.last_position);
        encode_summary(value_, total);
        ANNALS_CHECK(file.put(key_, value_));
        new_totals_.emplace_back(key_, total);
    }
    return ok();
}

Status Builder::add_postings(File& file, const Window& window, TermKind kind, Family family) {
    const auto terms = window.sorted(kind);
    for (std::size_t i = 0; i < terms->size(); ++i) {
        const TermEntry* term = (*terms)[i];
        prefetch(*terms, i);
        const PostingReader postings = window.postings(*term, window.end());
        for (std::uint32_t begin = 0; begin < postings.size();) {
            const std::uint32_t end = std::min<std::uint32_t>(
                postings.size(), begin + kBlockPositionsMax
            );
            positions_.clear();
            for (; begin < end; ++begin) positions_.push_back(window.base() + postings[begin]);
            put_block_key(key_, family, term->text(), positions_.back());
            encode_postings(value_, positions_);
            ANNALS_CHECK(file.put(key_, value_));
        }
    }
    return ok();
}

Status Builder::add_heads(File& file, const Window& window) {
    const auto terms = window.sorted(TermKind::kStream);
    for (std::size_t i = 0; i < terms->size(); ++i) {
        const TermEntry* stream = (*terms)[i];
        prefetch(*terms, i);
        const PostingReader postings = window.postings(*stream, window.end());
        HeadValue head;
        head.last_revision = stream->first_revision + postings.size() - 1;
        head.last_position = window.base() + postings[postings.size() - 1];
        head.last_time = window.time_at(head.last_position);
        const std::int64_t first_time = stream->first_time.load(std::memory_order_relaxed);
        if (first_time != TermEntry::kTimeUnknown) head.first_time = first_time;
        put_name_key(key_, Family::kHead, stream->text());
        encode_head(value_, head);
        ANNALS_CHECK(file.put(key_, value_));
    }
    return ok();
}

Status Builder::add_mark(File& file, const Window& window) {
    put_name_key(key_, Family::kMark, "");
    encode_mark(value_, IndexMark{Position(window.end()), window.chain()});
    return file.put(key_, value_);
}

Status Builder::add_streams(File& file, const Window& window) {
    const auto terms = window.sorted(TermKind::kStream);
    StreamBlock block;
    for (std::size_t i = 0; i < terms->size(); ++i) {
        const TermEntry* stream = (*terms)[i];
        prefetch(*terms, i);
        const PostingReader postings = window.postings(*stream, window.end());
        for (std::uint32_t begin = 0; begin < postings.size();) {
            const std::uint32_t end = std::min<std::uint32_t>(
                postings.size(), begin + kBlockPositionsMax
            );
            block.positions.clear();
            block.id_hashes.clear();
            block.first_time.reset();
            if (begin == 0 && stream->first_revision == 0) {
                block.first_time = stream->first_time.load(std::memory_order_relaxed);
            }
            for (; begin < end; ++begin) {
                const std::uint64_t position = window.base() + postings[begin];
                block.positions.push_back(position);
                block.id_hashes.push_back(static_cast<std::uint32_t>(window.id_at(position)));
            }
            put_block_key(key_, Family::kStream, stream->text(), stream->first_revision + end - 1);
            encode_stream_block(value_, block);
            ANNALS_CHECK(file.put(key_, value_));
        }
    }
    return ok();
}

Status Builder::add_ids(File& file, const Window& window) {
    constexpr std::size_t kBuckets = std::size_t{1} << kIdBucketBits;
    const std::size_t events = window.end() - window.base() + 1;
    // Sorted by bucket by counting, then each bucket by hash.
    std::vector<std::uint32_t> begins(kBuckets + 1, 0);
    for (std::size_t i = 0; i < events; ++i)
        ++begins[id_bucket(window.id_at(window.base() + i)) + 1];
    for (std::size_t b = 0; b < kBuckets; ++b) begins[b + 1] += begins[b];
    std::vector<IdEntry> entries(events);
    std::vector<std::uint32_t> next(begins.begin(), begins.end() - 1);
    for (std::size_t i = 0; i < events; ++i) {
        const std::uint64_t hash = window.id_at(window.base() + i);
        entries[next[id_bucket(hash)]++] = IdEntry{
            static_cast<std::uint32_t>(hash), static_cast<std::uint32_t>(i)
        };
    }
    std::vector<IdEntry> bucket;
    for (std::uint32_t b = 0; b < kBuckets; ++b) {
        if (begins[b] == begins[b + 1]) continue;
        bucket.assign(entries.begin() + begins[b], entries.begin() + begins[b + 1]);
        std::sort(bucket.begin(), bucket.end());
        put_id_key(key_, b, window.base());
        encode_id_block(value_, bucket);
        ANNALS_CHECK(file.put(key_, value_));
    }
    return ok();
}

}  // namespace annals::index
