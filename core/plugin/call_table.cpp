#include "plugin/call_table.hpp"

#include <new>

namespace gatehouse::plugin {

CallTable::~CallTable() {
  for (auto& chunk : chunks_) delete[] chunk.load(std::memory_order_relaxed);
}

Call* CallTable::at(std::uint32_t slot) const noexcept {
  Call* chunk = slot / kChunk < kChunks ? chunks_[slot / kChunk].load(std::memory_order_acquire) : nullptr;
  return chunk == nullptr ? nullptr : chunk + slot % kChunk;
}

bool CallTable::grow() {
  if (chunks_used_ == kChunks) return false;
  Call* chunk = new (std::nothrow) Call[kChunk];
  if (chunk == nullptr) return false;
  const std::uint32_t first = chunks_used_ * kChunk;
  for (std::uint32_t i = kChunk; i-- > 0;) {
    chunk[i].word.store(std::uint64_t{first_generation_ + first + i} << 8, std::memory_order_relaxed);
    chunk[i].next_free = free_;
    free_ = first + i;
  }
  chunks_[chunks_used_++].store(chunk, std::memory_order_release);
  return true;
}

std::optional<CallTable::Opened> CallTable::open(CallState state) {
  if (free_ == kNone && !grow()) return std::nullopt;
  const std::uint32_t slot = free_;
  Call* call = at(slot);
  free_ = call->next_free;
  const std::uint32_t generation = Call::generation(call->word.load(std::memory_order_relaxed)) + 1;
  call->word.store(std::uint64_t{generation} << 8 | static_cast<std::uint64_t>(state), std::memory_order_release);
  return Opened{call, std::uint64_t{1} << 63 | std::uint64_t{worker_} << 48 | std::uint64_t{slot} << 32 | generation};
}

void CallTable::close(Call& call, std::uint64_t id) noexcept {
  call.owned.reset();
  call.looked_up.clear();
  call.key_question.store(0, std::memory_order_relaxed);
  call.question = nullptr;
  call.pinned = nullptr;
  call.code_inside = call.counts_as_pinned = call.thread_pinned = false;
  // Release: whoever reuses the slot must see it emptied; the generation stays until then, as Free.
  call.word.store(std::uint64_t{generation_of(id)} << 8, std::memory_order_release);
  call.next_free = free_;
  free_ = static_cast<std::uint32_t>(id >> 32) & 0xffff;
}

Call* CallTable::find(std::uint64_t id) const noexcept {
  Call* call = at(static_cast<std::uint32_t>(id >> 32) & 0xffff);
  if (call == nullptr || Call::generation(call->word.load(std::memory_order_acquire)) != generation_of(id))
    return nullptr;
  return call;
}

}  // namespace gatehouse::plugin
