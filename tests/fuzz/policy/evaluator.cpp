// Bytes choose policies and requests, as numbers of the generator of the property test: the engine against the slow
// evaluator.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "property/policy/generate.hpp"
#include "property/policy/twin.hpp"

namespace {

using namespace gatehouse::policy;

void require(const std::string& difference, const naive::Request& request) {
  if (difference.empty()) return;
  std::fprintf(stderr, "%s\n%s\n", difference.c_str(), naive::told(request).c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::size_t at = 0;
  // Behind the end everything is the first choice: ends.
  naive::Generator make([&](std::size_t n) { return at < size ? data[at++] % n : std::size_t{0}; });
  const naive::Request request = make.request();
  const naive::Document resource = make.document(true, 4);
  require(difference(resource, request), request);
  const naive::Document identity = make.document(false, 4);
  require(difference(identity, request), request);
  if (at < size) require(difference(make.sets(), request), request);
  return 0;
}
