// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "request_encoder.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "annals/codec/checksum.hpp"
#include "annals/model/cut.hpp"
#include "annals/model/limits.hpp"
#include "annals/model/names.hpp"
#include "annals/model/stream_life.hpp"

#include "tracking_term.hpp"

namespace annals::order_local {
namespace {

/// Name space of the ids made from idempotency keys: UUIDv5 of the DNS name space and
/// "annals.idempotency". Part of what is stored: never changes.
const Uuid& key_name_space() {
    static const Uuid name_space = make_uuid_v5(
        *Uuid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), "annals.idempotency"
    );
    return name_space;
}

/// Beyond so many streams a map finds an ordinal faster than looking at each.
constexpr std::size_t kFewStreams = 8;

class RequestEncoder {
  public:
    RequestEncoder(
        SharedState& state,
        const commit::SubmitContext& context,
        const model::AppendRequest& request,
        PreparedAppend& append
    )
        : state_(state), context_(context), request_(request), append_(append) {}

    Status encode() {
        if (request_.events.empty()) {
            return Error(ErrorCode::kInvalidArgument, "an append has at least one event")
                .with("field", "events");
        }
        ANNALS_CHECK(add_events());
        ANNALS_CHECK(add_change());
        ANNALS_CHECK(add_cut());
        ANNALS_CHECK(add_checks());
        add_tracking();
        add_terms();
        encode_bytes();
        name_result();
        return ok();
    }

  private:
    // ---- events and streams ----

    Status add_events() {
        const std::size_t count = request_.events.size();
        append_.proposal.events.resize(count);
        append_.ids.resize(count);
        if (!request_.idempotency_key.empty()) make_key_name_space();
        std::size_t given_ids = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const model::NewEvent& event = request_.events[i];
            commit::ProposedEvent& proposed = append_.proposal.events[i];
            proposed.stream = ordinal_of(event.stream.empty() ? request_.stream : event.stream);
            proposed.is_id_given = give_id(event, i, proposed.id);
            proposed.is_id_of_key = proposed.is_id_given && event.id.is_nil();
            append_.ids[i] = proposed.id;
            proposed.fingerprint = model::fingerprint(event);
            commit::ProposedStream& stream = append_.proposal.streams[proposed.stream];
            ++stream.events;
            if (!proposed.is_id_given) continue;
            ++stream.given_ids;
            ++given_ids;
        }
        return given_ids > 1 ? refuse_repeated_id() : ok();
    }

    void make_key_name_space() {
        std::string name = std::to_string(context_.principal.size());
        name += ':';
        name += context_.principal;
        name += request_.idempotency_key;
        key_ids_ = make_uuid_v5(key_name_space(), name);
    }

    /// Whether the client gave it, itself or by its key.
    bool give_id(const model::NewEvent& event, std::size_t ordinal, Uuid& id) {
        if (!event.id.is_nil()) {
            id = event.id;
            return true;
        }
        if (!request_.idempotency_key.empty()) {
            id = make_uuid_v5(key_ids_, std::to_string(ordinal));
            return true;
        }
        id = make_uuid_v7(state_.clock);
        return false;
    }

    Status refuse_repeated_id() const {
        const auto repeated = commit::find_repeated_id(append_.proposal);
        if (!repeated) return ok();
        const commit::ProposedEvent& event = append_.proposal.events[*repeated];
        const std::string_view stream = append_.proposal.streams[event.stream].name;
        return Error(
                   ErrorCode::kInvalidArgument,
                   "the append names event " + event.id.to_string() + " of stream \"" +
                       model::shown(stream) + "\" twice: give each event its own id"
        )
            .with("field", "events[" + std::to_string(*repeated) + "].id")
            .with("stream", stream)
            .with("event_id", event.id.to_string());
    }

    std::uint32_t ordinal_of(std::string_view name) {
        std::vector<commit::ProposedStream>& streams = append_.proposal.streams;
        if (last_ordinal_ < streams.size() && streams[last_ordinal_].name == name) {
            return last_ordinal_;
        }
        const std::uint64_t hash = codec::hash64(name);
        last_ordinal_ = find_ordinal(name, hash);
        if (last_ordinal_ == streams.size()) add_stream(name, hash);
        return last_ordinal_;
    }

    /// Ordinal of the stream, or the number of streams when it is new.
    std::uint32_t find_ordinal(std::string_view name, std::uint64_t hash) {
        const std::vector<commit::ProposedStream>& streams = append_.proposal.streams;
        if (streams.size() > kFewStreams) {
            const auto place = ordinals_.find(hash);
            if (place == ordinals_.end()) return static_cast<std::uint32_t>(streams.size());
            if (streams[place->second].name == name) return place->second;
        }
        const auto found = std::find_if(streams.begin(), streams.end(), [&](const auto& stream) {
            return stream.name == name;
        });
        return static_cast<std::uint32_t>(found - streams.begin());
    }

    void add_stream(std::string_view name, std::uint64_t hash) {
        std::vector<commit::ProposedStream>& streams = append_.proposal.streams;
        commit::StreamEntry* entry = state_.streams.pin(name, hash);
        append_.streams.push_back({.entry = entry});
        streams.push_back({.name = entry->name});
        if (streams.size() <= kFewStreams) return;
        if (streams.size() == kFewStreams + 1) {
            for (std::uint32_t i = 0; i < kFewStreams; ++i) {
                ordinals_.emplace(append_.streams[i].entry->hash, i);
            }
        }
        ordinals_.emplace(hash, static_cast<std::uint32_t>(streams.size() - 1));
    }

    // ---- changes of a stream's life ----

    /// Behind the streams that are written to.
    Status add_change() {
        const std::vector<commit::ProposedStream>& streams = append_.proposal.streams;
        const auto is_metadata = [](const commit::ProposedStream& stream) {
            return model::is_metadata_stream(stream.name);
        };
        if (std::none_of(streams.begin(), streams.end(), is_metadata)) [[likely]]
            return ok();
        const model::NewEvent& event = request_.events.front();
        const std::string_view stream = streams.front().name;
        const auto change = model::life_change_of(stream, event.type);
        if (request_.events.size() > 1 || !change) {
            return refuse_change(stream, "it takes one event of a kind that the server makes");
        }
        const std::string_view subject = model::subject_of(stream);
        if (*change == model::LifeChange::kDelete &&
            std::find(event.tags.begin(), event.tags.end(), model::deletion_tag_of(subject)) ==
                event.tags.end()) {
            return refuse_change(stream, "a deletion carries the tag by which it is found");
        }
        const std::uint32_t ordinal = ordinal_of(subject);
        append_.proposal.change = {ordinal, *change};
        return ok();
    }

    static Error refuse_change(std::string_view stream, std::string_view rule) {
        return Error(
                   ErrorCode::kInvalidArgument,
                   "an append to the stream \"" + model::shown(stream) +
                       "\" is not acceptable: " + std::string(rule)
        )
            .with("field", "events")
            .with("stream", stream)
            .with("rule", rule);
    }

    /// A cut says what the rules forget, so it comes alone.
    Status add_cut() {
        const auto is_cut = [](const commit::ProposedStream& stream) {
            return stream.name == model::kCutStream;
        };
        const std::vector<commit::ProposedStream>& streams = append_.proposal.streams;
        if (std::none_of(streams.begin(), streams.end(), is_cut)) [[likely]]
            return ok();
        const model::NewEvent& event = request_.events.front();
        const std::optional<model::Cut> cut = model::parse_cut(event.data);
        if (request_.events.size() > 1 || event.type != model::kCutType || !cut ||
            cut->position > state_.visible_end.get()) {
            return refuse_change(
                model::kCutStream, "it takes one event of the type $cut, of what is visible"
            );
        }
        append_.proposal.cut = cut;
        return ok();
    }

    // ---- checks ----

    Status add_checks() {
        for (std::uint32_t i = 0; i < request_.checks.size(); ++i) {
            const model::Check& check = request_.checks[i];
            if (const auto* on_stream = std::get_if<model::StreamCheck>(&check)) {
                const std::uint32_t stream = ordinal_of(on_stream->stream);
                append_.proposal.stream_checks.push_back({i, stream, on_stream->expected});
            } else {
                ANNALS_CHECK(add_query(i, std::get<model::QueryCheck>(check)));
            }
        }
        return ok();
    }

    Status add_query(std::uint32_t check_index, const model::QueryCheck& check) {
        PreparedQuery prepared;
        prepared.check_index = check_index;
        if (!check.after.empty()) {
            const std::string field = "checks[" + std::to_string(check_index) + "].after";
            ANNALS_TRY(const model::PositionToken token, model::parse_token(check.after, field));
            ANNALS_CHECK(prove(token, prepared));
            prepared.checked_to = token.position;
        }
        prepared.query = check.query;
        append_.proposal.query_checks.push_back(
            {check_index, commit::hash_query(check.query), prepared.checked_to}
        );
        append_.queries.push_back(std::move(prepared));
        return ok();
    }

    /// Leaves to a reader what lies further back than memory, and to the writer what is not synced.
    Status prove(const model::PositionToken& token, PreparedQuery& prepared) const {
        if (token.position.value < state_.recent_begin.load(std::memory_order_relaxed)) {
            prepared.unproven = token;
            return ok();
        }
        Status proven = state_.log.check_token(token);
        if (proven) return proven;
        const bool is_perhaps_unsynced = state_.is_interval &&
                                         proven.error().code() == ErrorCode::kTokenBeyondEnd;
        if (!is_perhaps_unsynced)
            return prepared.refused_token(std::move(proven).take_error(), token);
        prepared.unproven = token;
        return ok();
    }

    void add_tracking() {
        if (!request_.tracking) return;
        const std::string term = tracking_term(*request_.tracking);
        append_.tracking = state_.streams.pin(term, codec::hash64(term));
        append_.proposal.tracking = {
            request_.tracking->position, commit::append_fingerprint(append_.proposal)
        };
    }

    // ---- what the index gets ----

    void add_terms() {
        reserve_texts();
        append_.indexed.resize(request_.events.size());
        for (std::size_t i = 0; i < request_.events.size(); ++i) add_terms_of(i);
        point_to_tags();
    }

    void reserve_texts() {
        std::size_t bytes = 0;
        for (const model::NewEvent& event : request_.events) {
            bytes += event.type.size();
            for (const std::string_view tag : event.tags) bytes += tag.size();
        }
        append_.text.reserve(bytes);
    }

    void add_terms_of(std::size_t ordinal) {
        const model::NewEvent& event = request_.events[ordinal];
        const commit::ProposedEvent& proposed = append_.proposal.events[ordinal];
        index::IndexedEvent& indexed = append_.indexed[ordinal];
        const commit::StreamEntry& entry = *append_.streams[proposed.stream].entry;
        indexed.id = proposed.id;
        indexed.fingerprint = proposed.fingerprint;
        indexed.stream = {entry.name, entry.hash};
        indexed.category = category_of(proposed.stream, entry);
        if (ordinal != 0 && append_.indexed[ordinal - 1].type.text == event.type) {
            indexed.type = append_.indexed[ordinal - 1].type;
        } else {
            indexed.type = copy_term(event.type);
        }
        for (const std::string_view tag : event.tags) add_tag(copy_term(tag));
        // The append is found by its first event.
        if (ordinal == 0 && append_.tracking != nullptr) {
            add_tag({append_.tracking->name, append_.tracking->hash});
        }
    }

    index::Term category_of(std::uint32_t stream, const commit::StreamEntry& entry) {
        if (stream != last_category_stream_) {
            last_category_stream_ = stream;
            const std::string_view category = model::category_of(entry.name);
            last_category_ = {category, category.empty() ? 0 : codec::hash64(category)};
        }
        return last_category_;
    }

    index::Term copy_term(std::string_view text) {
        const std::size_t begin = append_.text.size();
        append_.text.append(text);
        return {std::string_view(append_.text).substr(begin), codec::hash64(text)};
    }

    void add_tag(const index::Term& tag) {
        append_.tags.push_back(tag);
        append_.tag_hashes.push_back(tag.hash);
    }

    /// Only now: the vector has moved while it grew.
    void point_to_tags() {
        std::span<const index::Term> rest = append_.tags;
        for (std::size_t i = 0; i < append_.indexed.size(); ++i) {
            const bool has_tracking = i == 0 && append_.tracking != nullptr;
            const std::size_t count = request_.events[i].tags.size() + (has_tracking ? 1 : 0);
            append_.indexed[i].tags = rest.first(count);
            rest = rest.subspan(count);
        }
    }

    // ---- bytes ----

    void encode_bytes() {
        log::AppendHeader header;
        header.principal = context_.principal;
        header.rules_version = commit::kRulesVersion;
        if (request_.tracking) {
            header.tracking = &*request_.tracking;
            header.tracking_fingerprint = append_.proposal.tracking->fingerprint;
        }
        if (is_complete()) {
            append_.encoded.encode(header, request_.events, append_.ids);
            return;
        }
        // Views are copied, not bytes.
        thread_local std::vector<model::NewEvent> completed;
        completed = request_.events;
        for (std::size_t i = 0; i < completed.size(); ++i) complete(completed[i], i);
        append_.encoded.encode(header, completed, append_.ids);
        completed.clear();
        if (completed.capacity() > model::Limits::kReadEventsMax) completed.shrink_to_fit();
    }

    [[nodiscard]] bool is_complete() const {
        return std::all_of(request_.events.begin(), request_.events.end(), [&](const auto& event) {
            return !event.stream.empty() && (has_trace(event) || context_.traceparent.empty());
        });
    }

    static bool has_trace(const model::NewEvent& event) { return !event.traceparent.empty(); }

    void complete(model::NewEvent& event, std::size_t ordinal) const {
        event.stream = append_.indexed[ordinal].stream.text;
        if (has_trace(event)) return;
        event.traceparent = context_.traceparent;
        event.tracestate = context_.tracestate;
    }

    void name_result() {
        for (const commit::ProposedStream& stream : append_.proposal.streams) {
            if (stream.events == 0) break;
            append_.result.streams.push_back({std::string(stream.name), {}, {}});
        }
    }

    SharedState& state_;
    const commit::SubmitContext& context_;
    const model::AppendRequest& request_;
    PreparedAppend& append_;
    Uuid key_ids_;
    std::uint32_t last_ordinal_ = 0;
    boost::unordered_flat_map<std::uint64_t, std::uint32_t> ordinals_;
    std::uint32_t last_category_stream_ = ~0u;
    index::Term last_category_;
};

}  // namespace

Status encode_request(
    SharedState& state,
    const commit::SubmitContext& context,
    const model::AppendRequest& request,
    PreparedAppend& append
) {
    return RequestEncoder(state, context, request, append).encode();
}

}  // namespace annals::order_local
