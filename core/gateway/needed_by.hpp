#pragma once
#include <string>
#include <string_view>

#include "config/config.hpp"

namespace gatehouse::gateway {

/// What a configuration loses with an authorizer, for the operator who took its plugin away: "needed by `GET /orders`
/// of API `shop`, every route of API `pets`"; at most eight of them are named, the others counted. Empty when nothing
/// names the authorizer. [setup]
std::string needed_by(const config::Config& config, std::string_view authorizer);

}  // namespace gatehouse::gateway
