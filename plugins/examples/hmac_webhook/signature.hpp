// The signature header of a webhook: `t=1767225600,v1=HEX[,v1=HEX...]`.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hmac_webhook {

struct Signature {
  std::string timestamp;  // as it was signed
  std::int64_t time_s = 0;
  std::vector<std::string> digests;  // 32 bytes each, 1 to 8
};
/// Strictly: one `t` of digits, `v1` of 64 hexadecimal digits; members of other names are for other schemes and are
/// passed over. Nothing when it is not that.
std::optional<Signature> read_signature(std::string_view header);

/// HMAC-SHA256 over `timestamp`, a full stop and `body`: 32 bytes. Throws when it cannot be computed.
std::string sign(std::string_view key, std::string_view timestamp, std::string_view body);

}  // namespace hmac_webhook
