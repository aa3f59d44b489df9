// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "packer.hpp"

#include <array>

#include <zlib.h>
#include <zstd.h>

#include "annals/base/assert.hpp"

namespace annals::interchange {
namespace {

constexpr int kGzipWindow = 15 + 16;
constexpr int kGzipMemory = 8;
constexpr std::size_t kPieceBytes = 64u << 10u;

Error failed(std::string_view why) {
    return Error(ErrorCode::kInternal, "packing failed: " + std::string(why));
}

class PlainPacker final : public Packer {
  public:
    Status pack(std::string& out, std::string_view plain, bool) override {
        out += plain;
        return ok();
    }
};

class GzipPacker final : public Packer {
  public:
    GzipPacker() {
        const int code = deflateInit2(
            &stream_,
            Z_DEFAULT_COMPRESSION,
            Z_DEFLATED,
            kGzipWindow,
            kGzipMemory,
            Z_DEFAULT_STRATEGY
        );
        ANNALS_ASSERT(code == Z_OK, "zlib begins");
    }
    ~GzipPacker() override { deflateEnd(&stream_); }

    Status pack(std::string& out, std::string_view plain, bool is_last) override {
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
        stream_.avail_in = static_cast<uInt>(plain.size());
        std::array<char, kPieceBytes> piece;
        int code = Z_OK;
        do {
            stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
            stream_.avail_out = static_cast<uInt>(piece.size());
            code = deflate(&stream_, is_last ? Z_FINISH : Z_NO_FLUSH);
            if (code == Z_STREAM_ERROR) return failed("zlib's state is broken");
            out.append(piece.data(), piece.size() - stream_.avail_out);
        } while (stream_.avail_out == 0);
        if (is_last && deflateReset(&stream_) != Z_OK) return failed("zlib does not begin again");
        return ok();
    }

  private:
    z_stream stream_{};
};

class ZstdPacker final : public Packer {
  public:
    ZstdPacker() : stream_(ZSTD_createCCtx()) {
        ANNALS_ASSERT(stream_ != nullptr, "zstd begins");
        ZSTD_CCtx_setParameter(stream_, ZSTD_c_checksumFlag, 1);
    }
    ~ZstdPacker() override { ZSTD_freeCCtx(stream_); }

    Status pack(std::string& out, std::string_view plain, bool is_last) override {
        ZSTD_inBuffer in{plain.data(), plain.size(), 0};
        std::array<char, kPieceBytes> piece;
        bool is_done = false;
        while (!is_done) {
            ZSTD_outBuffer made{piece.data(), piece.size(), 0};
            const std::size_t left = ZSTD_compressStream2(
                stream_, &made, &in, is_last ? ZSTD_e_end : ZSTD_e_continue
            );
            if (ZSTD_isError(left) != 0) return failed(ZSTD_getErrorName(left));
            out.append(piece.data(), made.pos);
            is_done = is_last ? left == 0 : in.pos == in.size;
        }
        return ok();
    }

  private:
    ZSTD_CCtx* stream_;
};

}  // namespace

std::unique_ptr<Packer> make_packer(Packing packing) {
    switch (packing) {
        case Packing::kGzip:
            return std::make_unique<GzipPacker>();
        case Packing::kZstd:
            return std::make_unique<ZstdPacker>();
        case Packing::kNone:
            break;
    }
    return std::make_unique<PlainPacker>();
}

}  // namespace annals::interchange
