// A request to identity pools, which nobody signs: what is taken is as the operation says, and what is refused has one
// of three names.
#include "integration/identity_pool_request.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

using namespace gatehouse::integration;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

bool is_id(const std::string& text) {
  return !text.empty() && text.size() <= 55 && text.find(':') != std::string::npos &&
         text.find_first_of(" \"'\\/\n") == std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr const char* kTargets[] = {"GetId", "GetCredentialsForIdentity", "GetOpenIdToken"};
  ServiceRequest in;
  in.method = "POST";
  in.content_type = "application/x-amz-json-1.1";
  in.target = std::string("AWSCognitoIdentityService.") + kTargets[data[0] % 3];
  in.body.assign(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto out = read_pool_request(in);
  if (!out) {
    const std::string& code = out.error().code;
    require(code == "InvalidParameterException" || code == "SerializationException", "a refusal has its name");
    require(!out.error().message.empty(), "a refusal says why");
    return 0;
  }
  require(out->operation == static_cast<PoolOperation>(data[0] % 3), "the operation is the target's");
  const bool id = out->operation == PoolOperation::GetId;
  const auto& about = id ? out->pool_id : out->identity_id;
  require(about && is_id(*about), "it is about a pool or an identity");
  require(!(id ? out->identity_id : out->pool_id), "and about one of them");
  require(out->logins.size() <= 10, "logins are bounded in number");
  for (const auto& [provider, token] : out->logins)
    require(!provider.empty() && provider.size() <= 128 && !token.empty() && token.size() <= 50'000,
            "a login has a provider and a token");
  return 0;
}
