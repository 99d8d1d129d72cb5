#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::admin {

/// What a reload came to.
struct ReloadResult {
  bool done = false;
  std::uint64_t generation = 0;
  std::vector<std::string> errors;  // `file:line:column: text`
  std::vector<std::string> warnings;
};

/// What a purge came to.
struct PurgeResult {
  bool done = false;
  std::size_t answers = 0;  // that were dropped
  std::string error;
};

/// What the admin handlers ask of the running process; `app` implements it.
class Control {
 public:
  /// Compiles the configuration whole and swaps it, or refuses it whole with the old one serving. May block.
  virtual ReloadResult reload() = 0;
  /// Drops kept results of that authorizer (empty: of all) and stage, `api/stage` (empty: of all).
  virtual PurgeResult purge(const std::string& authorizer, const std::string& stage) = 0;
  /// One JSON object.
  virtual std::string status_json() = 0;
  /// False while draining.
  virtual bool ready() = 0;
  /// Prometheus' text format.
  virtual std::string metrics_text() = 0;
  /// What is kept of a refused request, as JSON.
  virtual std::optional<std::string> find_refused(std::string_view request_id) = 0;

 protected:
  ~Control() = default;
};

}  // namespace gatehouse::admin
