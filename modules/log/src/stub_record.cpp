// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "stub_record.hpp"

#include "annals/codec/wire.hpp"
#include "annals/model/event.hpp"

#include "group_header.hpp"

namespace annals::log::detail {

std::uint32_t stub_crc(std::string_view record, std::uint32_t envelope_bytes) {
    const std::uint32_t crc = codec::crc32c(
        record.substr(StubRecord::kHashAt, StubRecord::kCrcAt - StubRecord::kHashAt)
    );
    return codec::crc32c_extend(crc, record.substr(StubRecord::kBytes, envelope_bytes));
}

Status encode_stub(std::string& out, const CheckedRecord& event) {
    model::RecordedEvent whole;
    ANNALS_CHECK(model::decode_event_fields(event.envelope, whole));
    ANNALS_CHECK(model::decode_event_fields(event.payload(), whole));
    model::NewEvent kept;
    kept.stream = whole.stream;
    kept.type = whole.type;
    kept.tags = whole.tags;
    const codec::Sha256 hash = codec::sha256(event.salted_payload);

    const std::size_t start = out.size();
    out.append(event.envelope.data() - EventFrame::kBytes, EventFrame::kBytes);
    out.append(reinterpret_cast<const char*>(hash.data()), hash.size());
    codec::append_fixed(out, model::fingerprint(whole));
    out.append(StubRecord::kBytes - StubRecord::kEnvelopeBytesAt, '\0');
    model::encode_envelope(out, kept, whole.id);
    const auto envelope_bytes = static_cast<std::uint32_t>(out.size() - start - StubRecord::kBytes);
    out.append(aligned(out.size() - start) - (out.size() - start), '\0');
    char* at = out.data() + start;
    codec::store(at, static_cast<std::uint32_t>(out.size() - start));
    at[4] = static_cast<char>(RecordKind::kStub);
    codec::store(at + StubRecord::kEnvelopeBytesAt, envelope_bytes);
    codec::store(at + StubRecord::kCrcAt, stub_crc({at, out.size() - start}, envelope_bytes));
    return ok();
}

void stamp_append_back(char* record, std::uint32_t append_back) {
    codec::store(record + 48, append_back);
    codec::store(record + 6, place_check(record, codec::load<std::uint32_t>(record + 60)));
}

}  // namespace annals::log::detail
