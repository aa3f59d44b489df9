// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/patterns/pattern.hpp"

#include <array>
#include <cstdint>
#include <utility>

#include <pcre2.h>

namespace annals::patterns {
namespace {

/// Steps of PCRE2's matching; each costs some ten nanoseconds.
constexpr std::uint32_t kStepsMax = 10'000;
constexpr std::uint32_t kDepthMax = 1'000;
constexpr std::uint32_t kHeapKibibytesMax = 1'024;

struct FreeCode {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};
struct FreeData {
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
struct FreeContext {
    void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};

struct FreeCompileContext {
    void operator()(pcre2_compile_context* context) const { pcre2_compile_context_free(context); }
};
using Context = std::unique_ptr<pcre2_compile_context, FreeCompileContext>;

Context make_context(std::uint32_t extra_options) {
    Context context(pcre2_compile_context_create(nullptr));
    pcre2_set_compile_extra_options(context.get(), extra_options);
    return context;
}

/// What a thread matches with: whether there is a match is all that is asked.
struct Workspace {
    Workspace()
        : data(pcre2_match_data_create(1, nullptr)), context(pcre2_match_context_create(nullptr)) {
        pcre2_set_match_limit(context.get(), kStepsMax);
        pcre2_set_depth_limit(context.get(), kDepthMax);
        pcre2_set_heap_limit(context.get(), kHeapKibibytesMax);
    }
    std::unique_ptr<pcre2_match_data, FreeData> data;
    std::unique_ptr<pcre2_match_context, FreeContext> context;
};

PCRE2_SPTR bytes_of(std::string_view text) { return reinterpret_cast<PCRE2_SPTR>(text.data()); }

std::string reason_of(int error) {
    std::array<PCRE2_UCHAR, 256> text{};
    pcre2_get_error_message(error, text.data(), text.size());
    return reinterpret_cast<const char*>(text.data());
}

}  // namespace

struct Pattern::Compiled {
    std::string text;
    std::string field;
    std::unique_ptr<pcre2_code, FreeCode> code;
};

Pattern::Pattern(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}

const std::string& Pattern::text() const { return compiled_->text; }

Result<Pattern> Pattern::compile(std::string_view text, std::string_view field, Dialect dialect) {
    const std::string name(field);
    if (text.size() > kBytesMax) {
        return Error(
                   ErrorCode::kLimitExceeded,
                   name + " has " + std::to_string(text.size()) + " bytes, at most " +
                       std::to_string(kBytesMax) + " are taken"
        )
            .with("field", name)
            .with("limit", std::to_string(kBytesMax));
    }
    int error = 0;
    PCRE2_SIZE place = 0;
    constexpr std::uint32_t kOptions = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C;
    constexpr std::uint32_t kEcmaOptions = kOptions | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX |
                                           PCRE2_ALLOW_EMPTY_CLASS | PCRE2_MATCH_UNSET_BACKREF;
    const bool is_ecma = dialect == Dialect::kEcmaScript;
    const Context context = make_context(is_ecma ? PCRE2_EXTRA_ALT_BSUX : 0);
    auto compiled = std::make_shared<Compiled>();
    compiled->text = text;
    compiled->field = name;
    compiled->code.reset(pcre2_compile(
        bytes_of(text),
        text.size(),
        is_ecma ? kEcmaOptions : kOptions,
        &error,
        &place,
        context.get()
    ));
    if (!compiled->code) {
        return Error(
                   ErrorCode::kInvalidArgument,
                   name + " \"" + compiled->text + "\" is no regular expression: " +
                       reason_of(error) + " at " + std::to_string(place)
        )
            .with("field", name)
            .with("value", text)
            .with("reason", reason_of(error))
            .with("place", std::to_string(place));
    }
    return Pattern(std::move(compiled));
}

Result<bool> Pattern::matches(std::string_view text) const {
    thread_local Workspace workspace;
    const int found = pcre2_match(
        compiled_->code.get(),
        bytes_of(text),
        text.size(),
        0,
        0,
        workspace.data.get(),
        workspace.context.get()
    );
    if (found >= 0) return true;
    const bool is_too_much = found == PCRE2_ERROR_MATCHLIMIT || found == PCRE2_ERROR_DEPTHLIMIT ||
                             found == PCRE2_ERROR_HEAPLIMIT;
    if (!is_too_much) return false;
    return Error(
               ErrorCode::kInvalidArgument,
               compiled_->field + " \"" + compiled_->text +
                   "\" takes too many steps: write it without nested repetition, or anchor it"
    )
        .with("field", compiled_->field)
        .with("value", compiled_->text)
        .with("reason", reason_of(found));
}

}  // namespace annals::patterns
