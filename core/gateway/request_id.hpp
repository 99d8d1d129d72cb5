#pragma once
#include <array>
#include <string_view>

#include "base/arena.hpp"
#include "base/random.hpp"

namespace gatehouse::gateway {

/// A UUID of version 4, lower case: REST's x-amzn-RequestId (AT-90).
std::string_view make_uuid(base::Random& random, base::Arena& arena);
/// 15 base64 characters and `=`: HTTP API's apigw-requestid and REST's x-amz-apigw-id (AT-90, AT-91).
std::string_view make_extended_id(base::Random& random, base::Arena& arena);
bool is_uuid(std::string_view text) noexcept;

}  // namespace gatehouse::gateway
