#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace gatehouse::integration {

/// How the documents of OpenID providers are had: their configuration and their keys.
class JsonFetcher {
 public:
  struct Answer {
    std::string failure;  // no whole response came: why, for the log
    int status = 0;
    std::string body;
    std::string cache_control;  // all lines, with commas between
  };
  virtual ~JsonFetcher() = default;
  /// GET within that time and size, without following redirects. Calls back exactly once, at once or later, from any
  /// thread; once whoever answers is gone maybe never. False: it will not. [any]
  virtual bool fetch(const std::string& url, std::int64_t timeout_ms, std::size_t max_bytes,
                     std::function<void(Answer)> done) = 0;
};

}  // namespace gatehouse::integration
