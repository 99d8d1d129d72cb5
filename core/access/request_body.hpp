#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "base/digest.hpp"

namespace gatehouse::access {

enum class BodyOutcome : std::uint8_t {
  Whole,
  TooLarge,  // above the route's limit, or above what the question allows
  NoRoom,    // memory and disk for bodies are used up
  Broken,    // the client did not send all of it
};

/// What came of one question for the body.
struct BodyAnswer {
  BodyOutcome outcome = BodyOutcome::Broken;
  base::Sha256 sha256{};                     // Whole
  std::shared_ptr<const std::string> bytes;  // Whole, when they were asked for; may be let go on any thread
};

/// Who asks for a body.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  /// [loop] Once, never from inside ask(); not at all when the request ends before.
  virtual void on_request_body(BodyAnswer answer) noexcept = 0;
  /// [loop] False: nobody waits for the answer any more, so that no work is done for it.
  virtual bool listening() const noexcept { return true; }
};

/// The body of the request under judgement. It is read from the client when somebody first asks, kept, and sent to the
/// integration afterwards: what was judged is what is sent.
class RequestBody {
 public:
  static constexpr std::int64_t kDigestOnly = -1;
  /// [loop] Tells `reader` the digest of the whole body and, unless `max_bytes` is kDigestOnly, a copy of it; TooLarge
  /// when it has more than `max_bytes`.
  virtual void ask(std::shared_ptr<BodyReader> reader, std::int64_t max_bytes) = 0;

 protected:
  ~RequestBody() = default;
};

}  // namespace gatehouse::access
