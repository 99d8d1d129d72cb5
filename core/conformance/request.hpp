#pragma once
#include <gatehouse/abi.h>

#include <atomic>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "conformance/memory.hpp"

namespace gatehouse::conformance {

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// A request in words of one's own, before it takes its place in memory.
struct Sample {
  std::string name;  // for the report
  std::uint32_t api_type = GH_API_HTTP;
  std::string method = "GET";
  std::string path = "/orders/7";
  std::string raw_query;
  std::string source_ip = "192.0.2.7";
  std::string token;
  bool absent_texts = false;  // every optional text has no bytes at all
  Pairs headers;
  Pairs query;
  Pairs path_params;
};

/// Requests as clients send them: with and without what may identify a caller, of every API type in `api_types`.
std::vector<Sample> ordinary_samples(std::uint32_t api_types);
/// Requests as attackers send them: bytes of every value, texts that are no texts, much of everything.
std::vector<Sample> hostile_samples(std::uint32_t api_types);
/// The n-th random request of a seed: the same on every machine.
Sample random_sample(std::uint64_t seed, std::uint64_t n, std::uint32_t api_types);

/// A gh_request in memory. Lives until the plugin has no claim on it any more.
class Request {
 public:
  /// `needs`: GH_NEED_ bits, which are filled; everything else is left out, as a gateway does.
  Request(const Sample& sample, std::uint32_t needs, Memory::Kind kind);
  gh_request& c() noexcept { return *c_; }
  Memory& memory() noexcept { return memory_; }

 private:
  static std::int32_t GH_CALL header(const gh_request* r, const gh_str* name, std::size_t index, gh_str* out) noexcept;
  static std::int32_t GH_CALL attr(const gh_request* r, const gh_str* name, gh_str* out) noexcept;
  gh_kvs list(const Pairs& pairs);

  Memory memory_;
  gh_request* c_;
  gh_kvs headers_{};
};

}  // namespace gatehouse::conformance
