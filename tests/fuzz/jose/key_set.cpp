// A JWK set, as an issuer may send it.
#include <gatehouse/kit/jose/key.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse::kit::jose;
  const std::string text(reinterpret_cast<const char*>(data), size);
  KeySetReport report;
  const auto set = KeySet::parse(text, report);
  require((set != nullptr) == report.fault.empty(), "no set has a reason");
  for (const std::string& line : report.ignored) require(line.rfind("/keys/", 0) == 0 && line.size() < 300, "a line");
  if (!set) return 0;
  require(!set->keys().empty() && set->same_as(*set), "a set has keys");
  for (const Key& key : set->keys()) {
    require(set->find(key.kid()) == &key, "each key is found by its id");
    require(key.thumbprint().size() == 43, "each has a thumbprint");
    for (int i = 0; i < 10; ++i) {
      const auto algorithm = static_cast<Algorithm>(i);
      if (key.algorithm() && *key.algorithm() != algorithm) require(!key.fits(algorithm), "`alg` pins");
      for (const std::size_t n : {0u, 64u, 96u, 132u, 256u})
        require(!key.verify(algorithm, "text", std::string(n, '\1')), "nothing is signed so");
    }
  }
  return 0;
}
