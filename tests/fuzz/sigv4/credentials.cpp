// What a request says of its signature: an Authorization header alone, or a whole request.
#include <gatehouse/kit/sigv4/credentials.hpp>
#include <gatehouse/kit/sigv4/date.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>

#include "require.hpp"
#include "text_request.hpp"

namespace {

using namespace gatehouse::kit::sigv4;

void judge(const Request& request) {
  CredentialsRoom room;
  Credentials c;
  Refusal why;
  const bool read = read_credentials(request, room, c, why);
  require(read == (why.fault == Fault::None), "a refusal has a reason");
  if (!read) {
    require(!why.message.empty() && why.message.size() < 1024, "and words for the client, not too many");
    std::string shown;
    append_shown(shown, why.message, 2048);
    require(shown == why.message, "which are UTF-8");
    require(*error_type(why.fault) != 0 && *response_type(why.fault) != 0, "and a type");
    return;
  }
  require(c.timestamp.size() == 16 && parse_basic(c.timestamp) == c.time_s, "a moment");
  require(basic(c.time_s) == c.timestamp, "with one spelling");
  const auto& names = room.signed_names;
  require(!names.empty() && names.size() <= kMostSignedHeaders, "some names");
  require(std::adjacent_find(names.begin(), names.end(), std::greater_equal<>()) == names.end(), "sorted, each once");
  require(std::all_of(names.begin(), names.end(), [](std::string_view name) { return !name.empty(); }), "none empty");
  require(c.expires_s >= 0 && c.expires_s <= kMostExpirySeconds, "an expiry");
  if (!split_credential(c, why)) {
    require(why.fault == Fault::CredentialParts && std::count(c.credential.begin(), c.credential.end(), '/') != 4,
            "five parts or none");
    return;
  }
  require(c.credential.size() == c.access_key_id.size() + 1 + c.scope.size(), "the scope is the rest");
  require(c.scope.size() == c.date.size() + c.region.size() + c.service.size() + c.terminator.size() + 3, "in parts");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  judge(TextRequest(text).request);
  const gh_kv lines[] = {{gatehouse::raw("authorization"), gatehouse::raw(text)},
                         {gatehouse::raw("x-amz-date"), gatehouse::raw("20260115T101530Z")}};
  Request alone;
  alone.headers = {lines, 2};
  judge(alone);
  return 0;
}
