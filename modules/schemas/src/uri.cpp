// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "uri.hpp"

#include <algorithm>
#include <cstddef>

namespace annals::schemas {
namespace {

struct Parts {
    std::string_view scheme;     ///< with its colon
    std::string_view authority;  ///< with its slashes
    std::string_view path;
    std::string_view query;     ///< with its question mark
    std::string_view fragment;  ///< with its hash
};

Parts split(std::string_view uri) {
    Parts parts;
    if (const auto hash = uri.find('#'); hash != std::string_view::npos) {
        parts.fragment = uri.substr(hash);
        uri = uri.substr(0, hash);
    }
    if (const auto mark = uri.find('?'); mark != std::string_view::npos) {
        parts.query = uri.substr(mark);
        uri = uri.substr(0, mark);
    }
    const auto colon = uri.find(':');
    if (colon != std::string_view::npos && colon > 0 && uri.find('/') > colon) {
        parts.scheme = uri.substr(0, colon + 1);
        uri = uri.substr(colon + 1);
    }
    if (uri.starts_with("//")) {
        const auto end = std::min(uri.find('/', 2), uri.size());
        parts.authority = uri.substr(0, end);
        uri = uri.substr(end);
    }
    parts.path = uri;
    return parts;
}

std::string without_dots(std::string_view path) {
    std::string out;
    while (!path.empty()) {
        const auto end = std::min(path.find('/', path.front() == '/' ? 1 : 0), path.size());
        const std::string_view step = path.substr(0, end);
        path = path.substr(end);
        if (step == "/." || step == "/..") {
            if (step == "/..") out.erase(std::min(out.rfind('/'), out.size()));
            if (path.empty()) out.push_back('/');
        } else {
            out.append(step);
        }
    }
    return out;
}

std::string merged(const Parts& base, std::string_view path) {
    if (!base.authority.empty() && base.path.empty()) return "/" + std::string(path);
    const auto slash = base.path.rfind('/');
    std::string out(slash == std::string_view::npos ? "" : base.path.substr(0, slash + 1));
    return out.append(path);
}

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string joined(
    std::string_view scheme,
    std::string_view authority,
    std::string_view path,
    std::string_view query,
    std::string_view fragment
) {
    std::string out(scheme);
    return out.append(authority).append(path).append(query).append(fragment);
}

}  // namespace

std::string resolve(std::string_view base, std::string_view reference) {
    const Parts from = split(base);
    const Parts to = split(reference);
    if (!to.scheme.empty()) return std::string(reference);
    if (!to.authority.empty()) {
        return joined(from.scheme, to.authority, without_dots(to.path), to.query, to.fragment);
    }
    if (to.path.empty()) {
        const std::string_view query = to.query.empty() ? from.query : to.query;
        return joined(from.scheme, from.authority, from.path, query, to.fragment);
    }
    const bool is_absolute = to.path.front() == '/';
    const std::string path = without_dots(
        is_absolute ? std::string(to.path) : merged(from, to.path)
    );
    return joined(from.scheme, from.authority, path, to.query, to.fragment);
}

std::string_view without_fragment(std::string_view uri) { return uri.substr(0, uri.find('#')); }

std::string fragment_of(std::string_view uri) {
    const auto hash = uri.find('#');
    std::string out;
    if (hash == std::string_view::npos) return out;
    for (std::size_t i = hash + 1; i < uri.size(); ++i) {
        const bool has_two = uri[i] == '%' && i + 2 < uri.size() && digit_of(uri[i + 1]) >= 0 &&
                             digit_of(uri[i + 2]) >= 0;
        if (has_two) {
            out.push_back(static_cast<char>(digit_of(uri[i + 1]) * 16 + digit_of(uri[i + 2])));
            i += 2;
        } else {
            out.push_back(uri[i]);
        }
    }
    return out;
}

}  // namespace annals::schemas
