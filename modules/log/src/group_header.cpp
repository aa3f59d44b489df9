// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "group_header.hpp"

#include <string>

#include "annals/base/random.hpp"
#include "annals/codec/checksum.hpp"
#include "annals/codec/wire.hpp"

namespace annals::log::detail {
namespace {

constexpr std::size_t kCheckedFrom = 8;

std::uint32_t salt_check(std::uint32_t random, const Uuid& log_id) {
    std::string input(log_id.view());
    codec::append_fixed(input, random);
    return static_cast<std::uint32_t>(codec::hash64(input));
}

}  // namespace

void encode_group_header(GroupHeader& header, char* at) {
    codec::store(at, GroupHeader::kMagic);
    codec::store(at + 8, header.salt);
    codec::store(at + 16, header.previous_crc);
    codec::store(at + 20, header.body_crc);
    codec::store(at + 24, header.stored_bytes);
    codec::store(at + 28, header.raw_bytes);
    codec::store(at + 32, header.first_position.value);
    codec::store(at + 40, header.event_count);
    codec::store(at + 44, header.append_count);
    codec::store(at + 46, header.flags);
    codec::store(at + 48, header.number);
    codec::store(at + 56, header.durable_number);
    codec::store(at + 64, header.kafka_offset);
    codec::store(at + 72, header.chain);
    codec::store(at + 80, header.key_id);
    codec::store(at + 84, header.first_crc);
    codec::store(at + 88, header.recorded_time.value);
    header.crc = codec::crc32c({at + kCheckedFrom, GroupHeader::kBytes - kCheckedFrom});
    codec::store(at + 4, header.crc);
}

std::optional<GroupHeader> decode_group_header(std::string_view bytes) {
    if (bytes.size() < GroupHeader::kBytes) return std::nullopt;
    const char* at = bytes.data();
    if (codec::load<std::uint32_t>(at) != GroupHeader::kMagic) return std::nullopt;
    GroupHeader header;
    header.crc = codec::load<std::uint32_t>(at + 4);
    if (codec::crc32c(bytes.substr(kCheckedFrom, GroupHeader::kBytes - kCheckedFrom)) !=
        header.crc) {
        return std::nullopt;
    }
    header.salt = codec::load<std::uint64_t>(at + 8);
    header.previous_crc = codec::load<std::uint32_t>(at + 16);
    header.body_crc = codec::load<std::uint32_t>(at + 20);
    header.stored_bytes = codec::load<std::uint32_t>(at + 24);
    header.raw_bytes = codec::load<std::uint32_t>(at + 28);
    header.first_position = Position(codec::load<std::uint64_t>(at + 32));
    header.event_count = codec::load<std::uint32_t>(at + 40);
    header.append_count = codec::load<std::uint16_t>(at + 44);
    header.flags = codec::load<std::uint16_t>(at + 46);
    header.number = codec::load<std::uint64_t>(at + 48);
    header.durable_number = codec::load<std::uint64_t>(at + 56);
    header.kafka_offset = codec::load<std::int64_t>(at + 64);
    header.chain = codec::load<std::uint64_t>(at + 72);
    header.key_id = codec::load<std::uint32_t>(at + 80);
    header.first_crc = codec::load<std::uint32_t>(at + 84);
    header.recorded_time = TimeNs(codec::load<std::int64_t>(at + 88));
    return header;
}

std::uint64_t make_salt(const Uuid& log_id) {
    return salt_from(static_cast<std::uint32_t>(random_u64()), log_id);
}

std::uint64_t salt_from(std::uint32_t random, const Uuid& log_id) {
    return (std::uint64_t{salt_check(random, log_id)} << 32u) | random;
}

bool is_salt_of(std::uint64_t salt, const Uuid& log_id) {
    return salt_check(static_cast<std::uint32_t>(salt), log_id) ==
           static_cast<std::uint32_t>(salt >> 32u);
}

}  // namespace annals::log::detail
