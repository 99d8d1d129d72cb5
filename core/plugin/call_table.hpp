#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "access/authorizer.hpp"
#include "base/arena.hpp"
#include "plugin/looked_up.hpp"

namespace gatehouse::plugin {

/// How a call stands. A word of 64 bits holds it with the slot's generation, so that every change is one
/// compare-exchange and an id that was used before is known as such.
enum class CallState : std::uint8_t {
  Free,
  Queued,   // waits for the executor: the plugin has not seen it
  Open,     // the plugin has it
  Writing,  // a thread is copying the answer
  Answered,
  Gone,          // nobody waits any more; the plugin still owes an answer, or its code still runs
  GoneAnswered,  // and has paid
};

/// What a thread that is not the loop's copied during complete().
struct OwnedAnswer {
  base::Arena arena;
  access::Answer answer;
};

/// One call of one authorizer.
struct Call {
  std::atomic<std::uint64_t> word{0};           // generation << 8 | kTwice | kOperations | state
  std::atomic<std::uint64_t> body_question{0};  // the id of the call whose question for the body is open
  std::atomic<std::uint64_t> key_question{0};   // the same of a look-up of an access key
  LookedUp looked_up;                           // its answer
  std::unique_ptr<OwnedAnswer> owned;           // written in Writing, read by the loop from Answered on

  // The loop's own:
  access::Question* question = nullptr;  // null once nobody waits
  access::Question* pinned = nullptr;    // whose request is pinned for this call
  std::int64_t deadline_ns = 0;
  std::uint64_t task = 0;  // the executor's, while it waits there
  std::uint32_t next_free = 0;
  access::ApiType api_type{};
  bool code_inside = false;       // executor code may be running, or waiting to
  bool counts_as_pinned = false;  // in the plugin's count of pinned calls
  bool thread_pinned = false;     // in the plugin's count of pinned threads

  static constexpr std::uint64_t kTwice = 0x80;
  static constexpr std::uint64_t kOperations = 0x40;  // services were asked for it; they end when it leaves Open
  static constexpr std::uint64_t kState = 0x3f;
  static CallState state(std::uint64_t word) noexcept { return static_cast<CallState>(word & kState); }
  static bool twice(std::uint64_t word) noexcept { return (word & kTwice) != 0; }
  static std::uint32_t generation(std::uint64_t word) noexcept { return static_cast<std::uint32_t>(word >> 8); }
  /// The same call in another state; keeps kTwice and kOperations.
  static std::uint64_t with(std::uint64_t word, CallState s) noexcept {
    return (word & ~kState) | static_cast<std::uint64_t>(s);
  }
};

/// The calls of one authorizer on one worker. Opening and closing are the loop's; finding is anybody's. Slots are never
/// freed while the table lives, so a pointer found is good.
class CallTable {
 public:
  static constexpr std::uint32_t kChunk = 64;
  static constexpr std::uint32_t kChunks = 256;

  /// `first_generation` should be unpredictable: ids of another authorizer then do not fit by chance.
  CallTable(std::uint32_t worker, std::uint32_t first_generation) noexcept
      : worker_(worker), first_generation_(first_generation) {}
  ~CallTable();
  CallTable(const CallTable&) = delete;
  CallTable& operator=(const CallTable&) = delete;

  struct Opened {
    Call* call;
    std::uint64_t id;
  };
  /// [loop] Nothing when every slot is taken.
  std::optional<Opened> open(CallState state);
  /// [loop] The id is void from here on.
  void close(Call& call, std::uint64_t id) noexcept;

  /// [any] The call of that id, whether it still goes on or not; null when there never was one.
  Call* find(std::uint64_t id) const noexcept;

  static std::uint32_t worker_of(std::uint64_t id) noexcept { return static_cast<std::uint32_t>(id >> 48) & 0x7fff; }
  static std::uint32_t generation_of(std::uint64_t id) noexcept { return static_cast<std::uint32_t>(id); }
  static bool is_id(std::uint64_t id) noexcept { return (id >> 63) != 0; }

 private:
  static constexpr std::uint32_t kNone = 0xffffffffu;
  bool grow();
  Call* at(std::uint32_t slot) const noexcept;

  const std::uint32_t worker_;
  const std::uint32_t first_generation_;
  std::uint32_t free_ = kNone;
  std::uint32_t chunks_used_ = 0;
  std::array<std::atomic<Call*>, kChunks> chunks_{};
};

}  // namespace gatehouse::plugin
