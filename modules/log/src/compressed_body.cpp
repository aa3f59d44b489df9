// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "compressed_body.hpp"

#include <algorithm>
#include <memory>

#include <zstd.h>

#include "annals/codec/wire.hpp"

namespace annals::log::detail {
namespace {

constexpr int kLevel = 1;

struct FreeCompression {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
struct FreeDecompression {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

ZSTD_CCtx* compression_context() {
    thread_local const std::unique_ptr<ZSTD_CCtx, FreeCompression> context(ZSTD_createCCtx());
    return context.get();
}

ZSTD_DCtx* decompression_context() {
    thread_local const std::unique_ptr<ZSTD_DCtx, FreeDecompression> context(ZSTD_createDCtx());
    return context.get();
}

std::uint32_t blocks_of(std::size_t raw_bytes) {
    return static_cast<std::uint32_t>((raw_bytes + kBlockRawBytes - 1) / kBlockRawBytes);
}

}  // namespace

bool compress_body(
    std::string& out, std::string_view raw, std::span<const std::uint32_t> record_offsets
) {
    const std::size_t start = out.size();
    const std::uint32_t block_count = blocks_of(raw.size());
    codec::append_fixed(out, block_count);
    codec::append_fixed(out, kBlockRawBytes);
    for (const std::uint32_t offset : record_offsets) codec::append_fixed(out, offset);
    const std::size_t ends_at = out.size();
    out.append(std::size_t{block_count} * 4, '\0');
    const std::size_t blocks_at = out.size();
    const std::size_t limit = raw.size() - raw.size() / 4;
    for (std::uint32_t block = 0; block < block_count; ++block) {
        const std::string_view piece = raw.substr(
            std::size_t{block} * kBlockRawBytes, kBlockRawBytes
        );
        const std::size_t at = out.size();
        out.resize(at + ZSTD_compressBound(piece.size()));
        const std::size_t packed = ZSTD_compressCCtx(
            compression_context(),
            out.data() + at,
            out.size() - at,
            piece.data(),
            piece.size(),
            kLevel
        );
        if (ZSTD_isError(packed) != 0 || at + packed - start > limit) {
            out.resize(start);
            return false;
        }
        out.resize(at + packed);
        codec::store(
            out.data() + ends_at + std::size_t{block} * 4,
            static_cast<std::uint32_t>(out.size() - blocks_at)
        );
    }
    return true;
}

std::optional<CompressedBody> CompressedBody::open(
    std::string_view stored, std::uint32_t raw_bytes, std::uint32_t event_count
) {
    CompressedBody body;
    body.raw_bytes_ = raw_bytes;
    body.block_count_ = blocks_of(raw_bytes);
    const std::uint64_t tables = 8 + std::uint64_t{event_count} * 4 +
                                 std::uint64_t{body.block_count_} * 4;
    if (stored.size() < tables || codec::load<std::uint32_t>(stored.data()) != body.block_count_ ||
        codec::load<std::uint32_t>(stored.data() + 4) != kBlockRawBytes) {
        return std::nullopt;
    }
    body.offsets_ = stored.substr(8, std::size_t{event_count} * 4);
    body.ends_ = stored.substr(8 + body.offsets_.size(), std::size_t{body.block_count_} * 4);
    body.blocks_ = stored.substr(static_cast<std::size_t>(tables));
    return body;
}

std::uint32_t CompressedBody::record_offset(std::uint32_t event) const {
    const std::size_t at = std::size_t{event} * 4;
    return at < offsets_.size() ? codec::load<std::uint32_t>(offsets_.data() + at) : raw_bytes_;
}

std::uint32_t CompressedBody::block_end(std::uint32_t block) const {
    return codec::load<std::uint32_t>(ends_.data() + std::size_t{block} * 4);
}

bool CompressedBody::unpack_block(std::uint32_t block, std::string& out) const {
    if (block >= block_count_) return false;
    const std::uint32_t begin = block == 0 ? 0 : block_end(block - 1);
    const std::uint32_t end = block_end(block);
    if (begin > end || end > blocks_.size()) return false;
    const std::size_t raw_at = std::size_t{block} * kBlockRawBytes;
    const std::size_t size = std::min<std::size_t>(kBlockRawBytes, raw_bytes_ - raw_at);
    out.resize(size);
    const std::size_t unpacked = ZSTD_decompressDCtx(
        decompression_context(), out.data(), size, blocks_.data() + begin, end - begin
    );
    return ZSTD_isError(unpacked) == 0 && unpacked == size;
}

bool CompressedBody::unpack(std::string& out) const {
    out.clear();
    std::string block;
    for (std::uint32_t i = 0; i < block_count_; ++i) {
        if (!unpack_block(i, block)) return false;
        out.append(block);
    }
    return true;
}

}  // namespace annals::log::detail
