#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/metrics.hpp"
#include "config/config.hpp"
#include "config/diagnostics.hpp"
#include "gateway/template.hpp"

namespace gatehouse::gateway {

class RequestContext;

/// What a line of the access log holds: JSON members, each filled from `$context` variables (AT-A0, AT-A1). Immutable.
class AccessLogFormat {
 public:
  /// The default members when the configuration names none.
  static AccessLogFormat compile(const config::AccessLog& settings, config::Diagnostics& diagnostics);
  bool enabled() const noexcept { return enabled_; }
  /// Appends one line with its line break.
  void append(std::string& out, const RequestContext& context) const;

 private:
  bool enabled_ = false;
  std::vector<std::pair<std::string, Template>> members_;  // name as `"name":`
};

/// Writes log lines on a thread of its own, so that no request waits for a disk. Memory is bounded: lines past
/// kMaxQueued bytes are dropped and counted. reopen() after a rotation.
class AccessLogWriter {
 public:
  static constexpr std::size_t kMaxQueued = 16u << 20;
  /// `path`: `-` is standard output. The error names the file.
  static Result<std::unique_ptr<AccessLogWriter>> open(const std::string& path);
  /// Writes what is queued.
  ~AccessLogWriter();
  AccessLogWriter(const AccessLogWriter&) = delete;
  AccessLogWriter& operator=(const AccessLogWriter&) = delete;

  /// [any] Takes whole lines and leaves `lines` empty (with its memory or another's).
  void write(std::string& lines);
  /// [any] Opens the file anew (rotation), or another; lines from now on go there. An error leaves all as it was.
  Result<void> reopen(const std::string& path = {});
  /// Whether open() of that path could work, without making a file.
  static Result<void> check(const std::string& path);
  std::uint64_t dropped_lines() const noexcept { return dropped_.load(std::memory_order_relaxed); }

 private:
  AccessLogWriter() = default;
  void run();

  std::mutex lock_;
  std::condition_variable wake_;
  std::string path_;
  std::vector<std::string> queue_;
  std::vector<std::string> spare_;
  std::size_t queued_bytes_ = 0;
  bool stop_ = false;
  int next_fd_ = -1;  // to be written to from the next batch on
  int fd_ = -1;
  std::atomic<std::uint64_t> dropped_{0};
  std::thread thread_;
};

/// One worker's lines on their way to the writer: gathered, and handed over when they are many or old. [loop]
class AccessLogBuffer {
 public:
  static constexpr std::size_t kHandOver = 32u << 10;
  explicit AccessLogBuffer(AccessLogWriter* writer) : writer_(writer) {}
  ~AccessLogBuffer() { flush(); }
  std::string& line() noexcept { return lines_; }
  /// True when the lines should be handed over soon: the owner arms a timer for it.
  bool added();
  void flush();

 private:
  AccessLogWriter* writer_;
  std::string lines_;
};

}  // namespace gatehouse::gateway
