#include "integration/mock.hpp"

namespace gatehouse::integration {

Mock::Mock(int status, std::vector<std::pair<std::string, std::string>> headers, std::string body)
    : status_(static_cast<std::uint16_t>(status)), headers_(std::move(headers)), body_(std::move(body)) {}

void Mock::invoke(Invocation& invocation) const {
  http::ResponseHead& head = invocation.response_;
  head.status = status_;
  head.reason = {};
  head.headers.clear();
  for (const auto& [name, value] : headers_) {
    if (!head.headers.add(name, value))
      return invocation.owner->on_failure(Failure::Configuration, "more header lines than an answer can have");
  }
  invocation.memory_.assign(body_);
  invocation.owner->on_response(head, body_.empty() ? nullptr : &invocation.memory_);
}

}  // namespace gatehouse::integration
