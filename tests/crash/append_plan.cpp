// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "append_plan.hpp"

#include <array>

namespace annals::crash {
namespace {

constexpr std::uint64_t kStreams = 12;
constexpr std::uint64_t kLargeBytes = 40'000;

/// SplitMix64.
class Dice {
  public:
    explicit Dice(const PlanKey& key)
        : state_(key.seed * 0xD1342543DE82EF95u + key.thread * 0x9E3779B97F4A7C15u + key.number) {
        roll(1);
    }

    std::uint64_t next() {
        state_ += 0x9E3779B97F4A7C15u;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30u)) * 0xBF58476D1CE4E5B9u;
        mixed = (mixed ^ (mixed >> 27u)) * 0x94D049BB133111EBu;
        return mixed ^ (mixed >> 31u);
    }
    std::uint64_t roll(std::uint64_t sides) { return next() % sides; }

  private:
    std::uint64_t state_;
};

Uuid roll_id(Dice& dice) {
    Uuid id;
    for (std::uint8_t& byte : id.bytes) byte = static_cast<std::uint8_t>(dice.roll(256));
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0Fu) | 0x40u);
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3Fu) | 0x80u);
    return id;
}

}  // namespace

std::vector<PlannedEvent> plan_append(const PlanKey& key) {
    Dice dice(key);
    const std::uint64_t events = 1 + dice.roll(6);
    const std::uint64_t streams = 1 + dice.roll(3);
    const std::uint64_t first_stream = dice.roll(kStreams);
    std::vector<PlannedEvent> plan;
    for (std::uint64_t at = 0; at < events; ++at) {
        PlannedEvent event;
        event.stream = "crash-" + std::to_string((first_stream + dice.roll(streams)) % kStreams);
        event.id = roll_id(dice);
        event.type = "Crashed" + std::to_string(dice.roll(4));
        const std::uint64_t filler = dice.roll(200) == 0 ? dice.roll(kLargeBytes) : dice.roll(400);
        event.data = "{\"thread\":" + std::to_string(key.thread) +
                     ",\"append\":" + std::to_string(key.number) +
                     ",\"event\":" + std::to_string(at) + ",\"filler\":\"";
        event.data.append(filler, static_cast<char>('a' + dice.roll(26)));
        event.data += "\"}";
        plan.push_back(std::move(event));
    }
    return plan;
}

}  // namespace annals::crash
