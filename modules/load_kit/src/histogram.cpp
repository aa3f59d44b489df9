// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/load_kit/histogram.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <string_view>

#include <zlib.h>

#include "annals/base/assert.hpp"

namespace annals::load_kit {
namespace {

// Three digits: values below 2,048 are exact, above each doubling is cut into 1,024 parts.
constexpr std::int64_t kSubBuckets = 2'048;
constexpr int kSubBucketsLog2 = 11;
constexpr std::int64_t kHalf = kSubBuckets / 2;
constexpr int kDigits = 3;

void put_big_endian(std::string& out, std::uint64_t number, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
        out += static_cast<char>((number >> static_cast<unsigned>(shift)) & 0xFFu);
    }
}

/// ZigZag, then seven bits a byte, lowest first; the ninth byte takes eight.
void put_varint(std::string& out, std::int64_t number) {
    auto left = (static_cast<std::uint64_t>(number) << 1u) ^
                static_cast<std::uint64_t>(number >> 63u);
    for (int byte = 0; byte < 8; ++byte) {
        if (left < 0x80u) {
            out += static_cast<char>(left);
            return;
        }
        out += static_cast<char>((left & 0x7Fu) | 0x80u);
        left >>= 7u;
    }
    out += static_cast<char>(left & 0xFFu);
}

std::string base64(std::string_view bytes) {
    constexpr std::string_view kSigns =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t here = std::min<std::size_t>(3, bytes.size() - at);
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            const std::uint32_t byte = i < here ? static_cast<unsigned char>(bytes[at + i]) : 0;
            group = group << 8u | byte;
        }
        for (std::size_t i = 0; i < 4; ++i) {
            out += i <= here ? kSigns[(group >> (18u - 6u * static_cast<unsigned>(i))) & 63u] : '=';
        }
    }
    return out;
}

std::string deflated(const std::string& bytes) {
    uLongf size = compressBound(bytes.size());
    std::string out(size, '\0');
    const int code = compress(
        reinterpret_cast<Bytef*>(out.data()),
        &size,
        reinterpret_cast<const Bytef*>(bytes.data()),
        bytes.size()
    );
    ANNALS_ASSERT(code == Z_OK, "there is room for compressBound bytes");
    out.resize(size);
    return out;
}

}  // namespace

std::size_t Histogram::index_of(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value | (kSubBuckets - 1));
    const int bucket = static_cast<int>(std::bit_width(bits)) - kSubBucketsLog2;
    const std::int64_t in_bucket = value >> bucket;
    return static_cast<std::size_t>(static_cast<std::int64_t>(bucket) * kHalf + in_bucket);
}

std::int64_t Histogram::value_at(std::size_t index) {
    const auto at = static_cast<std::int64_t>(index);
    if (at < kSubBuckets) return at;
    const std::int64_t bucket = at / kHalf - 1;
    return (at - bucket * kHalf) << bucket;
}

std::int64_t Histogram::highest_at(std::size_t index) { return value_at(index + 1) - 1; }

void Histogram::record(std::int64_t value_us, std::uint64_t times) {
    if (times == 0) return;
    const std::int64_t value = std::clamp<std::int64_t>(value_us, 0, kValueMax);
    const std::size_t index = index_of(value);
    if (index >= counts_.size()) counts_.resize(std::max<std::size_t>(index + 1, kSubBuckets));
    counts_[index] += times;
    total_ += times;
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
}

void Histogram::merge(const Histogram& other) {
    if (other.counts_.size() > counts_.size()) counts_.resize(other.counts_.size());
    for (std::size_t at = 0; at < other.counts_.size(); ++at) counts_[at] += other.counts_[at];
    total_ += other.total_;
    min_ = std::min(min_, other.min_);
    max_ = std::max(max_, other.max_);
}

void Histogram::clear() {
    std::ranges::fill(counts_, 0);
    total_ = 0;
    min_ = kValueMax;
    max_ = 0;
}

double Histogram::mean() const {
    if (total_ == 0) return 0;
    double sum = 0;
    for (std::size_t at = 0; at < counts_.size(); ++at) {
        if (counts_[at] == 0) continue;
        const double middle = static_cast<double>(value_at(at) + highest_at(at)) / 2;
        sum += middle * static_cast<double>(counts_[at]);
    }
    return sum / static_cast<double>(total_);
}

double Histogram::deviation() const {
    if (total_ == 0) return 0;
    const double middle_of_all = mean();
    double sum = 0;
    for (std::size_t at = 0; at < counts_.size(); ++at) {
        if (counts_[at] == 0) continue;
        const double middle = static_cast<double>(value_at(at) + highest_at(at)) / 2;
        sum += (middle - middle_of_all) * (middle - middle_of_all) *
               static_cast<double>(counts_[at]);
    }
    return std::sqrt(sum / static_cast<double>(total_));
}

std::int64_t Histogram::at_percentile(double percentile) const {
    if (total_ == 0) return 0;
    const double share = std::clamp(percentile, 0.0, 100.0) / 100;
    // A hair below, so that 99 % of 100 values is the 99th and not, for want of digits, the 100th.
    const double exact = share * static_cast<double>(total_) - 1e-9 * static_cast<double>(total_);
    const auto wanted = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(exact)));
    std::uint64_t seen = 0;
    for (std::size_t at = 0; at < counts_.size(); ++at) {
        seen += counts_[at];
        if (seen >= wanted) return std::clamp(highest_at(at), min_, max_);
    }
    return max_;
}

std::vector<Histogram::Step> Histogram::steps(int ticks) const {
    std::vector<Step> found;
    if (total_ == 0) return found;
    double target = 0;  // percent
    std::uint64_t seen = 0;
    for (std::size_t at = 0; at < counts_.size(); ++at) {
        if (counts_[at] == 0) continue;
        seen += counts_[at];
        const double share = static_cast<double>(seen) / static_cast<double>(total_);
        const std::int64_t value = std::min(highest_at(at), max_);
        if (seen == total_) {
            found.push_back({value, 1, seen});
            break;
        }
        if (share * 100 < target) continue;
        found.push_back({value, share, seen});
        while (target <= share * 100) {
            const double halvings = std::floor(std::log2(100 / (100 - target))) + 1;
            target += 100 / (static_cast<double>(ticks) * std::exp2(halvings));
        }
    }
    return found;
}

std::string Histogram::percentile_text() const {
    std::array<char, 160> line{};
    std::string text = "       Value     Percentile TotalCount 1/(1-Percentile)\n\n";
    for (const Step& step : steps()) {
        const auto count = static_cast<unsigned long long>(step.count);
        const auto value = static_cast<double>(step.value);
        if (step.share < 1) {
            std::snprintf(
                line.data(),
                line.size(),
                "%12.3f %2.12f %10llu %14.2f\n",
                value,
                step.share,
                count,
                1 / (1 - step.share)
            );
        } else {
            std::snprintf(
                line.data(), line.size(), "%12.3f %2.12f %10llu\n", value, step.share, count
            );
        }
        text += line.data();
    }
    std::snprintf(
        line.data(),
        line.size(),
        "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n",
        mean(),
        deviation()
    );
    text += line.data();
    std::snprintf(
        line.data(),
        line.size(),
        "#[Max     = %12.3f, Total count    = %12llu]\n",
        static_cast<double>(max_),
        static_cast<unsigned long long>(total_)
    );
    text += line.data();
    std::snprintf(
        line.data(),
        line.size(),
        "#[Buckets = %12d, SubBuckets     = %12d]\n",
        static_cast<int>(kCounts / kHalf) - 1,
        static_cast<int>(kSubBuckets)
    );
    return text + line.data();
}

std::string Histogram::encode() const {
    std::size_t end = counts_.size();
    while (end > 0 && counts_[end - 1] == 0) --end;
    std::string counts;
    for (std::size_t at = 0; at < end;) {
        if (counts_[at] != 0) {
            put_varint(counts, static_cast<std::int64_t>(counts_[at++]));
            continue;
        }
        const std::size_t from = at;
        while (at < end && counts_[at] == 0) ++at;
        const auto zeros = static_cast<std::int64_t>(at - from);
        put_varint(counts, zeros == 1 ? 0 : -zeros);
    }
    // Cookies, header and counts as version 2 of the format has them.
    constexpr std::uint64_t kPlainCookie = 0x1c849313;
    constexpr std::uint64_t kPackedCookie = 0x1c849314;
    std::string plain;
    put_big_endian(plain, kPlainCookie, 4);
    put_big_endian(plain, counts.size(), 4);
    put_big_endian(plain, 0, 4);  // normalizing offset
    put_big_endian(plain, kDigits, 4);
    put_big_endian(plain, 1, 8);  // lowest value
    put_big_endian(plain, kValueMax, 8);
    put_big_endian(plain, std::bit_cast<std::uint64_t>(1.0), 8);  // of integers to what they mean
    plain += counts;
    const std::string packed = deflated(plain);
    std::string out;
    put_big_endian(out, kPackedCookie, 4);
    put_big_endian(out, packed.size(), 4);
    out += packed;
    return base64(out);
}

}  // namespace annals::load_kit
