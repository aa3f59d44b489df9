// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "window.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>
#include <new>
#include <utility>

#include "annals/base/assert.hpp"
#include "annals/codec/checksum.hpp"

namespace annals::index {
namespace {

constexpr std::size_t kTableMin = 256;
constexpr std::size_t kTableExpectedMax = std::size_t{1} << 18u;
constexpr std::uint64_t kAddressBits = 48;
constexpr std::uint64_t kAddressMask = (std::uint64_t{1} << kAddressBits) - 1;

std::uint64_t mix(TermKind kind, std::uint64_t hash) {
    return hash ^ (static_cast<std::uint64_t>(kind) * 0x9E3779B97F4A7C15u);
}

std::uint64_t slot_of(const TermEntry* entry) {
    return (entry->hash & ~kAddressMask) | reinterpret_cast<std::uintptr_t>(entry);
}

TermEntry* entry_of(std::uint64_t slot) {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the hash's bits share the word, see Table
    return reinterpret_cast<TermEntry*>(static_cast<std::uintptr_t>(slot & kAddressMask));
}

bool by_text(const TermEntry* a, const TermEntry* b) { return a->text() < b->text(); }

/// Sorts by name; the names lie beside the entries meanwhile, which spares a look into memory per
/// comparison.
void sort_by_text(std::vector<const TermEntry*>& entries) {
    std::vector<std::pair<std::string_view, const TermEntry*>> named;
    named.reserve(entries.size());
    for (const TermEntry* entry : entries) named.emplace_back(entry->text(), entry);
    std::sort(named.begin(), named.end(), [](const auto& a, const auto& b) {
        return a.first < b.first;
    });
    for (std::size_t i = 0; i < named.size(); ++i) entries[i] = named[i].second;
}

/// Calls visit(kind, term) for each term of the event.
template <typename Visit>
void for_each_term(const IndexedEvent& event, Visit visit) {
    visit(TermKind::kStream, event.stream);
    if (!event.category.text.empty()) visit(TermKind::kCategory, event.category);
    if (!event.type.text.empty()) visit(TermKind::kType, event.type);
    for (const Term& tag : event.tags) visit(TermKind::kTag, tag);
}

/// How many events ahead of the one being added.
constexpr std::size_t kSlotsAhead = 6;
constexpr std::size_t kEntriesAhead = 4;
constexpr std::size_t kListsAhead = 2;

}  // namespace

Window::Window(std::uint64_t base, std::size_t terms_expected)
    : base_(base), next_(base), end_(base - 1) {
    const std::size_t expected = std::min(terms_expected * 2, kTableExpectedMax);
    const std::size_t size = std::bit_ceil(std::max(expected, kTableMin));
    tables_.push_back(std::make_unique<Table>(size));
    table_bytes_ = size * sizeof(std::uint64_t);
    table_.store(tables_.back().get(), std::memory_order_release);
}

Window::~Window() = default;

void Window::add(std::span<const IndexedEvent> events) {
    // Nearly all the time goes into waiting for memory: at any moment, that of several events is on
    // its way.
    const std::size_t n = events.size();
    for (std::size_t i = 0; i < n + kSlotsAhead; ++i) {
        if (i < n) prefetch_slots(events[i]);
        if (const std::size_t at = i - (kSlotsAhead - kEntriesAhead); at < n)
            prefetch_entries(events[at]);
        if (const std::size_t at = i - (kSlotsAhead - kListsAhead); at < n)
            prefetch_lists(events[at]);
        if (const std::size_t at = i - kSlotsAhead; at < n) add(events[at]);
    }
}

void Window::prefetch_slots(const IndexedEvent& event) const {
    const Table& table = *tables_.back();
    for_each_term(event, [&](TermKind kind, const Term& term) {
        __builtin_prefetch(&table.slots[mix(kind, term.hash) & table.mask], 1);
    });
}

void Window::prefetch_entries(const IndexedEvent& event) const {
    const Table& table = *tables_.back();
    for_each_term(event, [&](TermKind kind, const Term& term) {
        const std::uint64_t slot = table.slots[mix(kind, term.hash) & table.mask].load(
            std::memory_order_relaxed
        );
        __builtin_prefetch(entry_of(slot), 1);
    });
}

void Window::prefetch_lists(const IndexedEvent& event) const {
    const Table& table = *tables_.back();
    for_each_term(event, [&](TermKind kind, const Term& term) {
        const std::uint64_t slot = table.slots[mix(kind, term.hash) & table.mask].load(
            std::memory_order_relaxed
        );
        if (slot == 0) return;
        const TermEntry* entry = entry_of(slot);
        __builtin_prefetch(entry->data);
        entry->postings.prefetch();
    });
}

void Window::add(const IndexedEvent& event) {
    ANNALS_ASSERT(event.position.value == next_, "positions handed to the index are dense");
    const auto offset = static_cast<std::uint32_t>(next_ - base_);
    ++next_;
    ids_.append(codec::hash64(event.id.view()));
    times_.append(event.recorded_time.value);

    if (!event.stream.text.empty()) add_names(event, offset);
    for (const Term& term : event.tags) {
        PostingList& tag = intern(TermKind::kTag, term).postings;
        // A tag named twice counts once.
        if (tag.size() == 0 || tag.back() != offset) tag.append(offset, arena_);
    }
}

void Window::add_names(const IndexedEvent& event, std::uint32_t offset) {
    TermEntry& stream = intern(TermKind::kStream, event.stream);
    const std::uint32_t known = stream.postings.size();
    if (known == 0) {
        stream.first_revision = event.revision.value;
        if (event.revision.value == 0) {
            stream.first_time.store(event.recorded_time.value, std::memory_order_relaxed);
        }
    }
    ANNALS_ASSERT(
        event.revision.value == stream.first_revision + known, "revisions of a stream are dense"
    );
    stream.postings.append(offset, arena_);

    if (!event.category.text.empty()) {
        TermEntry& category = intern(TermKind::kCategory, event.category);
        category.postings.append(offset, arena_);
        if (event.revision.value == 0) category.new_streams.fetch_add(1, std::memory_order_relaxed);
    }
    if (!event.type.text.empty())
        intern(TermKind::kType, event.type).postings.append(offset, arena_);
}

void Window::publish(std::uint64_t chain) {
    chain_ = chain;
    end_.store(next_ - 1, std::memory_order_release);
}

std::size_t Window::bytes() const {
    std::size_t bytes = arena_.bytes() + table_bytes_ + ids_.bytes() + times_.bytes();
    for (const auto& terms : terms_) bytes += terms.bytes();
    return bytes;
}

TermEntry& Window::intern(TermKind kind, const Term& term) {
    const std::uint64_t hash = mix(kind, term.hash);
    Table& table = *tables_.back();
    std::size_t i = hash & table.mask;
    while (true) {
        const std::uint64_t slot = table.slots[i].load(std::memory_order_relaxed);
        if (slot == 0) break;
        if (((slot ^ hash) & ~kAddressMask) == 0) {
            TermEntry* entry = entry_of(slot);
            if (entry->hash == hash && entry->kind() == kind && entry->text() == term.text)
                return *entry;
        }
        i = (i + 1) & table.mask;
    }
    auto* text = static_cast<char*>(arena_.allocate(term.text.size()));
    std::memcpy(text, term.text.data(), term.text.size());
    void* memory = arena_.allocate_line(sizeof(TermEntry));
    auto* entry = new (memory) TermEntry(kind, hash, {text, term.text.size()});
    ANNALS_ASSERT(
        (slot_of(entry) & kAddressMask) == reinterpret_cast<std::uintptr_t>(entry),
        "48-bit addresses"
    );
    table.slots[i].store(slot_of(entry), std::memory_order_release);
    terms_[static_cast<std::size_t>(kind)].append(entry);
    if (++term_count_ * 2 > table.mask) grow();
    return *entry;
}

void Window::grow() {
    const Table& old = *tables_.back();
    auto table = std::make_unique<Table>((old.mask + 1) * 2);
    for (std::size_t i = 0; i <= old.mask; ++i) {
        const std::uint64_t slot = old.slots[i].load(std::memory_order_relaxed);
        if (slot == 0) continue;
        std::size_t at = entry_of(slot)->hash & table->mask;
        while (table->slots[at].load(std::memory_order_relaxed) != 0) at = (at + 1) & table->mask;
        table->slots[at].store(slot, std::memory_order_relaxed);
    }
    table_bytes_ += (table->mask + 1) * sizeof(std::uint64_t);
    table_.store(table.get(), std::memory_order_release);
    tables_.push_back(std::move(table));
}

const TermEntry* Window::find(TermKind kind, std::string_view text, std::uint64_t plain_hash)
    const {
    const std::uint64_t hash = mix(kind, plain_hash);
    const Table& table = *table_.load(std::memory_order_acquire);
    for (std::size_t i = hash & table.mask;; i = (i + 1) & table.mask) {
        const std::uint64_t slot = table.slots[i].load(std::memory_order_acquire);
        if (slot == 0) return nullptr;
        if (((slot ^ hash) & ~kAddressMask) != 0) continue;
        const TermEntry* entry = entry_of(slot);
        if (entry->hash == hash && entry->kind() == kind && entry->text() == text) return entry;
    }
}

std::shared_ptr<const std::vector<const TermEntry*>> Window::sorted(TermKind kind) const {
    SortedTerms& sorted = sorted_[static_cast<std::size_t>(kind)];
    const auto& terms = terms_[static_cast<std::size_t>(kind)];
    const std::lock_guard lock(sorted.mutex);
    const std::size_t size = terms.size();
    const std::size_t done = sorted.terms ? sorted.terms->size() : 0;
    if (sorted.terms && done == size) return sorted.terms;
    std::vector<const TermEntry*> added;
    added.reserve(size - done);
    for (std::size_t i = done; i < size; ++i) added.push_back(terms[i]);
    sort_by_text(added);
    auto fresh = std::make_shared<std::vector<const TermEntry*>>();
    if (sorted.terms) {
        fresh->reserve(size);
        std::merge(
            sorted.terms->begin(),
            sorted.terms->end(),
            added.begin(),
            added.end(),
            std::back_inserter(*fresh),
            by_text
        );
    } else {
        *fresh = std::move(added);
    }
    sorted.terms = std::move(fresh);
    return sorted.terms;
}

PostingReader Window::postings(const TermEntry& entry, std::uint64_t end) const {
    if (end < base_) return {};
    const std::uint64_t last = std::min<std::uint64_t>(
        end - base_, std::numeric_limits<std::uint32_t>::max()
    );
    return {entry.postings, static_cast<std::uint32_t>(last)};
}

void Window::find_id(std::uint64_t hash, std::uint64_t end, std::vector<Position>& out) const {
    if (end < base_ || this->end() < base_) return;
    const auto visit = [&](std::size_t first, const std::uint64_t* hashes, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            if (hashes[i] == hash) out.emplace_back(base_ + first + i);
        }
    };
    ids_.for_each_run(std::min(end, this->end()) - base_ + 1, visit);
}

}  // namespace annals::index
