#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/headers.hpp"
#include "integration/mapped_value.hpp"

namespace gatehouse::integration {

/// Headers that the configuration gives the upstream's request beside the client's: `request_parameters`. REST:
/// `integration.request.header.NAME`; HTTP: `overwrite|append|remove:header.NAME`. What a client sends under a name
/// that is overwritten or removed never passes, nor what a CGI upstream cannot tell from a mapped one, whether there is
/// a value for it or not (LA-C1).
class RequestParameters {
 public:
  static constexpr std::size_t kMost = 32;

  /// Adds one entry. Refuses names that are the gateway's (framing, connection, Host, X-Forwarded-For, ...; AT-95 for
  /// HTTP APIs) and names that are there already. [setup]
  Result<void> add(access::ApiType type, std::string_view target, std::string_view value,
                   const std::vector<std::string>& path_parameters);

  bool empty() const noexcept { return entries_.empty(); }
  bool use_authorizer() const noexcept;
  /// True when this line of the client's is not forwarded. [loop]
  bool keep_out(const http::Header& header) const noexcept;
  /// Adds the headers that have a value. Nothing is added from the first one on that cannot be sent: `why` says so.
  /// [loop] Memory of `arena` only.
  bool append(const access::Facts& facts, const access::Answer& identity, base::Arena& arena, http::Headers& out,
              std::string_view& why) const;

 private:
  enum class Action : std::uint8_t { Overwrite, Append, Remove };
  struct Entry {
    Action action = Action::Overwrite;
    std::string name;
    http::HeaderId id = http::HeaderId::Other;
    MappedValue value;
  };
  std::vector<Entry> entries_;
};

}  // namespace gatehouse::integration
