// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "stub_record.hpp"

#include "annals/codec/wire.hpp"
#include "annals/model/event.hpp"

#include "group_header.hpp"

namespace annals::log::detail {

namespace {

void finish_stub(std::string& out, std::size_t start, std::uint32_t envelope_bytes) {
    const std::size_t used = out.size() - start;
    out.append(aligned(used) - used, '\0');
    char* at = out.data() + start;
    codec::store(at, static_cast<std::uint32_t>(out.size() - start));
    at[4] = static_cast<char>(RecordKind::kStub);
    at[5] = static_cast<char>(StubRecord::kHasRemovedTime);
    codec::store(at + StubRecord::kEnvelopeBytesAt, envelope_bytes);
    codec::store(at + StubRecord::kCrcAt, stub_crc({at, out.size() - start}, used));
}

}  // namespace

std::uint32_t stub_crc(std::string_view record, std::size_t bytes) {
    const std::uint32_t crc = codec::crc32c(
        record.substr(StubRecord::kHashAt, StubRecord::kCrcAt - StubRecord::kHashAt)
    );
    constexpr std::size_t kBehind = StubRecord::kCrcAt + 4;
    return codec::crc32c_extend(crc, record.substr(kBehind, bytes - kBehind));
}

Status encode_stub(std::string& out, const CheckedRecord& event, TimeNs removed_time) {
    model::RecordedEvent whole;
    ANNALS_CHECK(model::decode_event_fields(event.envelope, whole));
    ANNALS_CHECK(model::decode_event_fields(event.payload(), whole));
    return encode_stub(out, event, {model::fingerprint(whole), removed_time});
}

Status encode_stub(std::string& out, const CheckedRecord& event, const StubContent& content) {
    model::RecordedEvent whole;
    ANNALS_CHECK(model::decode_event_fields(event.envelope, whole));
    model::NewEvent kept;
    kept.stream = whole.stream;
    kept.type = whole.type;
    kept.tags = whole.tags;
    const codec::Sha256 hash = codec::sha256(event.salted_payload);

    const std::size_t start = out.size();
    out.append(event.envelope.data() - EventFrame::kBytes, EventFrame::kBytes);
    out.append(reinterpret_cast<const char*>(hash.data()), hash.size());
    codec::append_fixed(out, content.fingerprint);
    out.append(StubRecord::kRemovedTimeAt - StubRecord::kEnvelopeBytesAt, '\0');
    codec::append_fixed(out, content.removed_time.value);
    model::encode_envelope(out, kept, whole.id);
    const std::size_t envelope_bytes = out.size() - start - StubRecord::kBytes;
    finish_stub(out, start, static_cast<std::uint32_t>(envelope_bytes));
    return ok();
}

void copy_stub(std::string& out, std::string_view stub, TimeNs removed_time) {
    const auto flags = static_cast<std::uint8_t>(stub[5]);
    if ((flags & StubRecord::kHasRemovedTime) != 0) {
        out.append(stub);
        return;
    }
    const auto bytes = codec::load<std::uint32_t>(stub.data() + StubRecord::kEnvelopeBytesAt);
    const std::size_t start = out.size();
    out.append(stub.substr(0, StubRecord::kRemovedTimeAt));
    codec::append_fixed(out, removed_time.value);
    out.append(stub.substr(StubRecord::kRemovedTimeAt, bytes));
    finish_stub(out, start, bytes);
}

void stamp_append_back(char* record, std::uint32_t append_back) {
    codec::store(record + 48, append_back);
    codec::store(record + 6, place_check(record, codec::load<std::uint32_t>(record + 60)));
}

}  // namespace annals::log::detail
