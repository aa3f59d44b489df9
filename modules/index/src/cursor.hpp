// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keys.hpp"
#include "view.hpp"

namespace annals::index {

/// Walks over rising (or, backwards, falling) positions. It stands nowhere until the first seek.
class Cursor {
  public:
    explicit Cursor(Direction direction) : direction_(direction) {}
    Cursor(const Cursor&) = delete;
    Cursor& operator=(const Cursor&) = delete;
    virtual ~Cursor() = default;

    /// Goes to the first position that is at least `position` (backwards: at most). Never turns
    /// back.
    virtual Status seek(std::uint64_t position) = 0;
    /// Goes one further. Only when it stands.
    virtual Status next() = 0;

    /// Whether it stands on a position; false after the last.
    [[nodiscard]] bool stands() const { return at_ != kNowhere; }
    [[nodiscard]] std::uint64_t position() const { return at_; }
    /// Whether a seek to `position` would move it.
    [[nodiscard]] bool is_before(std::uint64_t position) const {
        return is_forwards() ? at_ < position : at_ > position;
    }
    [[nodiscard]] bool is_forwards() const { return direction_ == Direction::kForwards; }

  protected:
    void stand(std::uint64_t position) { at_ = position; }
    void leave() { at_ = kNowhere; }

  private:
    static constexpr std::uint64_t kNowhere = 0;  // position 0 is before the first event

    Direction direction_;
    std::uint64_t at_ = kNowhere;
};

/// Positions of one category, type or tag: posting blocks in RocksDB, then the windows (backwards
/// the other way). A seek decodes one block at most.
class TermCursor final : public Cursor {
  public:
    TermCursor(const Moment& moment, Family family, std::string_view term, Direction direction);

    Status seek(std::uint64_t position) override;
    Status next() override;

  private:
    Status seek_up(std::uint64_t position);
    Status seek_down(std::uint64_t position);
    Status seek_store_up(std::uint64_t position);
    Status seek_store_down(std::uint64_t position);
    void seek_windows_up(std::uint64_t position);
    bool seek_windows_down(std::uint64_t position);
    /// Opens the window's postings; false when it has none.
    bool open_window(std::size_t i);
    /// Decodes the block that the iterator stands on; an empty block when that is another term's.
    Status load_block();
    void stand_in_block(std::size_t i);
    void stand_in_window(std::uint32_t i);

    const Moment& moment_;
    const Family family_;
    const std::string_view term_;
    const std::uint64_t hash_;
    const TermKind kind_;

    enum class Place : std::uint8_t { kNone, kStore, kWindow };
    Place place_ = Place::kNone;
    // In RocksDB.
    std::optional<IteratorLease> iterator_;
    std::string key_;
    std::string prefix_;
    std::vector<std::uint64_t> block_;
    std::size_t in_block_ = 0;
    bool is_store_done_ = false;
    // In a window.
    std::size_t window_ = 0;
    std::optional<std::size_t> opened_;
    PostingReader postings_;
    std::uint32_t in_window_ = 0;
};

/// Positions that any of the cursors has, each once.
class AnyCursor final : public Cursor {
  public:
    AnyCursor(std::vector<std::unique_ptr<Cursor>> parts, Direction direction)
        : Cursor(direction), parts_(std::move(parts)) {}

    Status seek(std::uint64_t position) override;
    Status next() override;

  private:
    void settle();

    std::vector<std::unique_ptr<Cursor>> parts_;
    bool has_begun_ = false;
};

/// Positions that all of the cursors have: each leaps to where the others are.
class AllCursor final : public Cursor {
  public:
    AllCursor(std::vector<std::unique_ptr<Cursor>> parts, Direction direction)
        : Cursor(direction), parts_(std::move(parts)) {}

    Status seek(std::uint64_t position) override;
    Status next() override;

  private:
    Status settle(std::uint64_t position);

    std::vector<std::unique_ptr<Cursor>> parts_;
    std::size_t begun_ = 0;  ///< parts that have been sought once
};

/// One part as it is, several as one.
std::unique_ptr<Cursor> any_of(std::vector<std::unique_ptr<Cursor>> parts, Direction direction);
std::unique_ptr<Cursor> all_of(std::vector<std::unique_ptr<Cursor>> parts, Direction direction);

}  // namespace annals::index
