#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "access/request_body.hpp"
#include "base/digest.hpp"
#include "base/metrics.hpp"
#include "config/config.hpp"
#include "gateway/body_room.hpp"
#include "gateway/spill_file.hpp"
#include "http/body.hpp"
#include "net/buffer.hpp"
#include "net/loop.hpp"

namespace gatehouse::gateway {

/// What the kept bodies of one worker have in common. [loop]
class BodyKeeper {
 public:
  BodyKeeper(net::Loop& loop, base::Registry& registry, std::uint32_t worker);

  net::Loop& loop;
  net::BufferPool buffers;
  std::shared_ptr<BodyRoom> room = std::make_shared<BodyRoom>();
  base::Counter& kept;
  base::Counter& refused;  // for want of room

  /// Shows what is taken in the gauges.
  void note() noexcept;
  /// About once a second.
  void trim() noexcept {
    buffers.trim();
    note();
  }
  /// Writes the operating system's reason to the log, once in ten seconds: strangers may be able to cause it with each
  /// request.
  void complain(const std::string& why) noexcept;

 private:
  base::Counter& memory_bytes_;
  base::Counter& file_bytes_;
  std::int64_t complained_ns_ = 0;
  bool complained_ = false;
};

/// A request body that an authorizer asked for: read from the client whole, hashed on the way, kept, and pulled from
/// here by the integration, which so sends the bytes that were judged, with their length, whatever the client's framing
/// was. Its first MiB stays in memory; behind that, or when the worker's memory for bodies is used up, it goes to a
/// file; when that has no room either the body fails with NoRoom and nothing of it is kept. What was sent is given back
/// at once.
///
/// Files are written and read on the loop, at most 64 KiB at a time and 256 KiB a turn: that is the page cache's speed
/// and not the disk's, unless the machine has more dirty pages than it may have; a pool of threads would cost two hops
/// for each piece. Put `kept_bodies.directory` on a file system that is quick, or `file_bytes` to 0.
///
/// A body that is pulled before all of it was read gives what was kept and goes on with the source.
class KeptBody final : public http::BodySource, private http::BodySink {
 public:
  /// What stays in memory of one body: a few large ones must not push all others to the disk.
  static constexpr std::uint64_t kMemoryOfOne = 1024 * 1024;
  static constexpr std::size_t kPiece = net::BufferPool::kLarge;
  static constexpr int kPiecesPerTurn = 4;

  /// `source`, its limit set, and `settings` outlive this. Reads nothing before it is asked.
  KeptBody(BodyKeeper& keeper, http::BodySource& source, const config::KeptBodies& settings);
  ~KeptBody();
  KeptBody(const KeptBody&) = delete;
  KeptBody& operator=(const KeptBody&) = delete;

  /// [loop] As access::RequestBody has it.
  void ask(std::shared_ptr<access::BodyReader> reader, std::int64_t max_bytes);
  /// Somebody asked, and not all of it has come yet.
  bool reading() const noexcept { return state_ == Phase::Reading; }

  State pull() override;
  std::string_view data() const noexcept override { return passing_ ? source_.data() : view_; }
  void consume(std::size_t n) noexcept override;
  void set_sink(http::BodySink* sink) noexcept override;
  /// Known once all of it is there, even of a chunked one.
  std::int64_t length() const noexcept override;
  http::BodyError error() const noexcept override;
  const http::Headers* trailers() const noexcept override { return source_.trailers(); }
  /// The source's limit was set before.
  void set_limit(std::int64_t) noexcept override {}

 private:
  enum class Phase : std::uint8_t { Untouched, Reading, Whole, Failed };
  struct Asked {
    std::shared_ptr<access::BodyReader> reader;
    std::int64_t max_bytes;
    std::shared_ptr<BodyCopy> copy;
  };
  void on_body() override { run(); }
  void run();
  void read_some();
  bool keep(std::string_view bytes);
  bool grow();
  bool spill(std::string_view bytes);
  void end();
  void fail(http::BodyError error) noexcept;
  void answer();
  bool copy_some(Asked& asked);
  std::string_view piece_at(std::uint64_t at);
  void tell(access::BodyOutcome outcome, std::shared_ptr<const std::string> bytes = nullptr);
  void release() noexcept;

  BodyKeeper& keeper_;
  http::BodySource& source_;
  const config::KeptBodies& settings_;
  net::Chore chore_;
  std::vector<Asked> asked_;
  base::Sha256Stream hash_;
  base::Sha256 digest_{};
  std::int64_t size_ = 0;

  // What is kept: blocks_ first, the file behind them.
  std::vector<net::Buffer> blocks_;
  std::uint64_t block_bytes_ = 0;   // their content
  std::uint64_t memory_taken_ = 0;  // of the room
  SpillFile file_;
  std::uint64_t file_bytes_ = 0;
  std::uint64_t file_taken_ = 0;

  // The way out.
  net::Buffer scratch_;    // what was read back last
  std::string_view view_;  // not yet consumed, of a block or of scratch_
  std::size_t block_ = 0;  // the next one to show
  std::uint64_t file_at_ = 0;
  http::BodySink* sink_ = nullptr;

  Phase state_ = Phase::Untouched;
  http::BodyError error_ = http::BodyError::None;
  bool spilled_ = false;
  bool leaving_ = false;  // pull() was called: nobody is answered any more
  bool passing_ = false;  // what was kept is gone: the rest comes from the source
};

}  // namespace gatehouse::gateway
