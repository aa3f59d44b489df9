// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "json_patch.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "annals/documents/canonical.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/documents/pointer.hpp"
#include "annals/model/names.hpp"
#include "annals/model/refusals.hpp"

namespace annals::documents {
namespace {

enum class OperationKind : std::uint8_t { kAdd, kRemove, kReplace, kMove, kCopy, kTest };

struct Operation {
    OperationKind kind = OperationKind::kAdd;
    Pointer path;
    Pointer from;                  ///< of move and copy
    const Value* value = nullptr;  ///< of add, replace and test
};

constexpr std::array<std::pair<std::string_view, OperationKind>, 6> kKinds{{
    {"add", OperationKind::kAdd},
    {"remove", OperationKind::kRemove},
    {"replace", OperationKind::kReplace},
    {"move", OperationKind::kMove},
    {"copy", OperationKind::kCopy},
    {"test", OperationKind::kTest},
}};

std::string field_of(std::size_t index, std::string_view member = {}) {
    std::string field = "patch[" + std::to_string(index) + "]";
    return member.empty() ? field : field.append(".").append(member);
}

/// As it is shown: a text without the quotes that it has as JSON; empty where there is none.
std::string said(const Value* member) {
    if (member == nullptr) return {};
    return member->kind() == Kind::kString ? member->string() : to_text(*member);
}

Result<Pointer> pointer_member(const Value& operation, std::size_t index, std::string_view name) {
    const Value* member = operation.find(name);
    const std::string field = field_of(index, name);
    if (member == nullptr || member->kind() != Kind::kString) {
        return model::refused(field, said(member), "it must be a JSON Pointer as text");
    }
    return parse_pointer(member->string(), field);
}

Result<Operation> parse_operation(const Value& value, std::size_t index) {
    const Value* name = value.find("op");
    const auto kind = std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& known) {
        return name != nullptr && name->kind() == Kind::kString && name->string() == known.first;
    });
    if (kind == kKinds.end()) {
        return model::refused(
            field_of(index, "op"), said(name), "it is one of add, remove, replace, move, copy, test"
        );
    }
    Operation operation;
    operation.kind = kind->second;
    ANNALS_TRY(operation.path, pointer_member(value, index, "path"));
    const bool has_from = operation.kind == OperationKind::kMove ||
                          operation.kind == OperationKind::kCopy;
    if (has_from) {
        ANNALS_TRY(operation.from, pointer_member(value, index, "from"));
    } else if (operation.kind != OperationKind::kRemove) {
        operation.value = value.find("value");
        if (operation.value == nullptr) {
            return model::refused(field_of(index, "value"), "", "this operation needs a value");
        }
    }
    return operation;
}

constexpr std::string_view kReread = "; read the document, then make the patch again";

/// The operations on one document, one after the other.
class Application {
  public:
    explicit Application(Value document) : document_(std::move(document)) {}

    Status run(const Operation& operation, std::size_t index) {
        index_ = index;
        switch (operation.kind) {
            case OperationKind::kAdd:
                return add(operation.path, *operation.value);
            case OperationKind::kRemove: {
                ANNALS_TRY(const Value removed, take(operation.path, "path", "remove"));
                (void)removed;
                return ok();
            }
            case OperationKind::kReplace:
                return replace(operation.path, *operation.value);
            case OperationKind::kMove:
                return move(operation);
            case OperationKind::kCopy:
                return copy(operation);
            case OperationKind::kTest:
                return test(operation);
        }
        return ok();
    }

    Value take_document() { return std::move(document_); }

  private:
    [[nodiscard]] Error failed(std::string_view member, const Pointer& path, std::string_view rule)
        const {
        const std::string field = field_of(index_, member);
        const std::string text = to_text(path);
        return Error(
                   ErrorCode::kPatchFailed,
                   field + " \"" + model::shown(text) +
                       "\" does not fit the document: " + std::string(rule) + std::string(kReread)
        )
            .with("field", field)
            .with("value", model::shown(text))
            .with("path", model::shown(text))
            .with("rule", rule);
    }

    [[nodiscard]] Error is_another(const Operation& operation, const Value& there) const {
        const std::string field = field_of(index_, "value");
        const std::string path = model::shown(to_text(operation.path));
        const std::string sent = model::shown(to_text(*operation.value));
        const std::string rule = "it is " + model::shown(to_text(there)) + " there";
        return Error(
                   ErrorCode::kPatchFailed,
                   field + " " + sent + " is not what the document has at \"" + path +
                       "\": " + rule + std::string(kReread)
        )
            .with("field", field)
            .with("value", sent)
            .with("path", path)
            .with("rule", rule);
    }

    Value* at(const Pointer& path) { return const_cast<Value*>(find(document_, path)); }

    Status check_depth(const Pointer& path, const Value& value) const {
        const std::size_t depth = path.size() + depth_of(value);
        if (depth <= kDepthMax) return ok();
        return model::too_large(field_of(index_), depth, kDepthMax, "levels");
    }

    Status add(const Pointer& path, Value value) {
        ANNALS_CHECK(check_depth(path, value));
        if (path.empty()) {
            document_ = std::move(value);
            return ok();
        }
        Value* parent = at({path.begin(), path.end() - 1});
        if (parent == nullptr) return failed("path", path, "there is nothing above it");
        if (parent->is_object()) {
            parent->set(path.back(), std::move(value));
            return ok();
        }
        if (!parent->is_array()) {
            return failed("path", path, "what is above it is no object and no array");
        }
        Array& elements = parent->array();
        const std::size_t size = elements.size();
        const auto index = path.back() == "-" ? std::optional(size)
                                              : parse_index(path.back(), size + 1);
        if (!index) {
            return failed(
                "path", path, "the array takes indices up to " + std::to_string(size) + " and -"
            );
        }
        elements.insert(elements.begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
        return ok();
    }

    Result<Value> take(const Pointer& path, std::string_view member, std::string_view what) {
        Value* target = at(path);
        if (target == nullptr) {
            return failed(member, path, "there is nothing to " + std::string(what));
        }
        Value taken = std::move(*target);
        if (path.empty()) {
            document_ = Value();
            return taken;
        }
        Value* parent = at({path.begin(), path.end() - 1});
        if (parent->is_object()) {
            parent->erase(path.back());
            return taken;
        }
        Array& elements = parent->array();
        const auto index = parse_index(path.back(), elements.size());
        elements.erase(elements.begin() + static_cast<std::ptrdiff_t>(*index));
        return taken;
    }

    Status replace(const Pointer& path, Value value) {
        ANNALS_CHECK(check_depth(path, value));
        Value* target = at(path);
        if (target == nullptr) return failed("path", path, "there is nothing to replace");
        *target = std::move(value);
        return ok();
    }

    Status move(const Operation& operation) {
        const bool is_into_itself = operation.from.size() < operation.path.size() &&
                                    std::equal(
                                        operation.from.begin(),
                                        operation.from.end(),
                                        operation.path.begin()
                                    );
        if (is_into_itself) {
            return failed("from", operation.from, "nothing can be moved into itself");
        }
        ANNALS_TRY(Value value, take(operation.from, "from", "move"));
        return add(operation.path, std::move(value));
    }

    Status copy(const Operation& operation) {
        const Value* source = find(document_, operation.from);
        if (source == nullptr) return failed("from", operation.from, "there is nothing to copy");
        // Copies of copies grow by powers of two: what all copies bring is bounded.
        copied_bytes_ += to_text(*source).size();
        if (copied_bytes_ > kDocumentBytesMax) {
            return model::too_large(
                field_of(index_), copied_bytes_, kDocumentBytesMax, "copied bytes"
            );
        }
        return add(operation.path, *source);
    }

    Status test(const Operation& operation) {
        const Value* value = find(document_, operation.path);
        if (value == nullptr) return failed("path", operation.path, "there is nothing to test");
        if (is_equal(*value, *operation.value)) return ok();
        return is_another(operation, *value);
    }

    Value document_;
    std::size_t index_ = 0;
    std::size_t copied_bytes_ = 0;
};

Value operation_value(std::string_view name, const Pointer& path, const Value* value) {
    Object members;
    members.push_back({"op", Value(std::string(name))});
    members.push_back({"path", Value(to_text(path))});
    if (value != nullptr) members.push_back({"value", *value});
    return Value(std::move(members));
}

/// Collects the operations that make one document into the other.
class Differ {
  public:
    void compare(const Value& before, const Value& after) {
        if (before == after) return;
        if (before.is_object() && after.is_object()) return compare_members(before, after);
        if (before.is_array() && after.is_array()) {
            return compare_elements(before.array(), after.array());
        }
        say("replace", &after);
    }

    Array take_operations() { return std::move(operations_); }

  private:
    void say(std::string_view name, const Value* value = nullptr) {
        operations_.push_back(operation_value(name, path_, value));
    }

    void compare_members(const Value& before, const Value& after) {
        for (const Member& member : before.object()) {
            if (after.find(member.name) != nullptr) continue;
            path_.push_back(member.name);
            say("remove");
            path_.pop_back();
        }
        for (const Member& member : after.object()) {
            const Value* old = before.find(member.name);
            path_.push_back(member.name);
            if (old == nullptr) {
                say("add", &member.value);
            } else {
                compare(*old, member.value);
            }
            path_.pop_back();
        }
    }

    void compare_elements(const Array& before, const Array& after) {
        std::size_t begin = 0;
        std::size_t before_end = before.size();
        std::size_t after_end = after.size();
        while (begin < before_end && begin < after_end && before[begin] == after[begin]) ++begin;
        while (begin < before_end && begin < after_end &&
               before[before_end - 1] == after[after_end - 1]) {
            --before_end;
            --after_end;
        }
        std::size_t i = begin;
        for (; i < before_end && i < after_end; ++i) {
            path_.push_back(std::to_string(i));
            compare(before[i], after[i]);
            path_.pop_back();
        }
        // One by one at the same place, or one after the other.
        for (std::size_t left = i; left < before_end; ++left) {
            path_.push_back(std::to_string(i));
            say("remove");
            path_.pop_back();
        }
        for (std::size_t next = i; next < after_end; ++next) {
            path_.push_back(std::to_string(next));
            say("add", &after[next]);
            path_.pop_back();
        }
    }

    Pointer path_;
    Array operations_;
};

Result<const Array*> operations_of(const Value& patch) {
    if (patch.is_array()) return &patch.array();
    return model::refused("patch", to_text(patch), "a JSON patch is an array of operations");
}

}  // namespace

std::size_t depth_of(const Value& value) {
    std::size_t deepest = 0;
    if (value.is_array()) {
        for (const Value& element : value.array()) deepest = std::max(deepest, depth_of(element));
        return deepest + 1;
    }
    if (value.is_object()) {
        for (const Member& member : value.object()) {
            deepest = std::max(deepest, depth_of(member.value));
        }
        return deepest + 1;
    }
    return 0;
}

Status check_json_patch(const Value& patch) {
    ANNALS_TRY(const Array* operations, operations_of(patch));
    for (std::size_t i = 0; i < operations->size(); ++i) {
        ANNALS_CHECK(parse_operation((*operations)[i], i));
    }
    return ok();
}

Result<Value> apply_json_patch(Value document, const Value& patch) {
    ANNALS_TRY(const Array* operations, operations_of(patch));
    Application application(std::move(document));
    for (std::size_t i = 0; i < operations->size(); ++i) {
        ANNALS_TRY(const Operation operation, parse_operation((*operations)[i], i));
        ANNALS_CHECK(application.run(operation, i));
    }
    return application.take_document();
}

Value json_patch_between(const Value& before, const Value& after) {
    Differ differ;
    differ.compare(before, after);
    return Value(differ.take_operations());
}

}  // namespace annals::documents
