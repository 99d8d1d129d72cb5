#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

class RequestContext;

/// The last refused requests of one worker with their traces, for `gatehouse explain --request ID`: a ring of slots of
/// a fixed size, filled without allocation. [loop]
class Journal {
 public:
  static constexpr std::size_t kSlotBytes = 2048;
  explicit Journal(std::size_t slots);
  void record(const RequestContext& context) noexcept;
  /// The JSON text of that request, or nothing.
  std::optional<std::string> find(std::string_view request_id) const;

 private:
  struct Slot {
    char id[40];
    std::uint8_t id_size = 0;
    std::uint16_t size = 0;
    char text[kSlotBytes];
  };
  std::vector<Slot> slots_;
  std::size_t next_ = 0;
};

/// The trace of a request as JSON (one object) or as readable lines, as `explain` prints it; without the record of what
/// would change it, which is the object's `to_change_it` (null: nothing is known).
std::string trace_json(const RequestContext& context);
std::string trace_text(const RequestContext& context);
/// For a line that people read: escaped as in JSON, but with quotes as they are.
void append_readable(std::string& out, std::string_view text);

/// What would turn the decision round.
struct ToChange {
  bool flips = false;  // that alone does
  std::string text;
};
std::optional<ToChange> to_change(const RequestContext& context);

}  // namespace gatehouse::gateway
