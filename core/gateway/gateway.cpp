#include "gateway/gateway.hpp"

namespace gatehouse::gateway {

Gateway::Gateway() = default;
Gateway::~Gateway() = default;

}  // namespace gatehouse::gateway
