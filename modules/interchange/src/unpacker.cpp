// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "unpacker.hpp"

#include <algorithm>
#include <string_view>

#include <zlib.h>
#include <zstd.h>

#include "annals/base/assert.hpp"

namespace annals::interchange {
namespace {

/// 15 bits of window, and the header of gzip.
constexpr int kGzipWindow = 15 + 16;
/// 128 MiB: a frame that wants more to be unpacked is refused.
constexpr int kZstdWindowLogMax = 27;

Error damaged(std::string_view format, std::string_view why) {
    return Error(
        ErrorCode::kUnreadableInput,
        "the file is damaged as " + std::string(format) + ": " + std::string(why)
    );
}

class PlainUnpacker final : public Unpacker {
  public:
    Result<Step> step(std::span<const char> packed, std::span<char> plain) override {
        const std::size_t bytes = std::min(packed.size(), plain.size());
        std::copy_n(packed.begin(), bytes, plain.begin());
        return Step{bytes, bytes};
    }
    [[nodiscard]] bool is_at_end() const override { return true; }
};

class GzipUnpacker final : public Unpacker {
  public:
    GzipUnpacker() { ANNALS_ASSERT(inflateInit2(&stream_, kGzipWindow) == Z_OK, "zlib begins"); }
    ~GzipUnpacker() override { inflateEnd(&stream_); }

    Result<Step> step(std::span<const char> packed, std::span<char> plain) override {
        if (is_at_end_ && !packed.empty() && inflateReset(&stream_) != Z_OK)
            return damaged("gzip", "it does not begin again");
        is_at_end_ = is_at_end_ && packed.empty();
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
        stream_.avail_in = static_cast<uInt>(packed.size());
        stream_.next_out = reinterpret_cast<Bytef*>(plain.data());
        stream_.avail_out = static_cast<uInt>(plain.size());
        const int code = inflate(&stream_, Z_NO_FLUSH);
        if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
            return damaged("gzip", stream_.msg != nullptr ? stream_.msg : "its header is none");
        if (code == Z_STREAM_END) is_at_end_ = true;
        return Step{packed.size() - stream_.avail_in, plain.size() - stream_.avail_out};
    }
    [[nodiscard]] bool is_at_end() const override { return is_at_end_; }

  private:
    z_stream stream_{};
    bool is_at_end_ = true;
};

class ZstdUnpacker final : public Unpacker {
  public:
    ZstdUnpacker() : stream_(ZSTD_createDStream()) {
        ANNALS_ASSERT(stream_ != nullptr, "zstd begins");
        ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, kZstdWindowLogMax);
    }
    ~ZstdUnpacker() override { ZSTD_freeDStream(stream_); }

    Result<Step> step(std::span<const char> packed, std::span<char> plain) override {
        ZSTD_inBuffer in{packed.data(), packed.size(), 0};
        ZSTD_outBuffer out{plain.data(), plain.size(), 0};
        const std::size_t code = ZSTD_decompressStream(stream_, &out, &in);
        if (ZSTD_isError(code) != 0) return damaged("zstd", ZSTD_getErrorName(code));
        if (in.pos > 0 || out.pos > 0) is_at_end_ = code == 0;
        return Step{in.pos, out.pos};
    }
    [[nodiscard]] bool is_at_end() const override { return is_at_end_; }

  private:
    ZSTD_DStream* stream_;
    bool is_at_end_ = true;
};

}  // namespace

Packing packing_of(std::string_view file_name) {
    if (file_name.ends_with(".gz")) return Packing::kGzip;
    if (file_name.ends_with(".zst")) return Packing::kZstd;
    return Packing::kNone;
}

std::unique_ptr<Unpacker> make_unpacker(Packing packing) {
    switch (packing) {
        case Packing::kGzip:
            return std::make_unique<GzipUnpacker>();
        case Packing::kZstd:
            return std::make_unique<ZstdUnpacker>();
        case Packing::kNone:
            break;
    }
    return std::make_unique<PlainUnpacker>();
}

}  // namespace annals::interchange
