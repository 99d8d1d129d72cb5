#pragma once
#include <string>

#include "http/exchange.hpp"
#include "http/parser.hpp"

namespace gatehouse::test {

/// An exchange whose request a test writes; what is answered is not looked at.
class FakeExchange final : public http::Exchange {
 public:
  explicit FakeExchange(std::string head, std::string body = {})
      : head_(std::move(head)), body_bytes_(std::move(body)) {
    connection = &facts;
    facts.peer = *base::IpAddress::parse("198.51.100.7");
    facts.peer_text = "198.51.100.7";
    facts.local_port = 8080;
    http::RequestParser parser;
    http::ParseFault fault;
    parsed = parser.parse(head_, {}, request, fault) == http::ParseState::Complete;
    body_.assign(body_bytes_);
  }
  http::BodySource& body() noexcept override { return body_; }
  void respond(const http::ResponseHead&, http::BodySource*) override {}
  void abort() noexcept override {}
  void close_after() noexcept override {}
  bool responded() const noexcept override { return false; }

  http::ConnectionFacts facts;
  bool parsed = false;

 private:
  void unpinned() noexcept override {}
  std::string head_, body_bytes_;
  http::MemoryBody body_;
};

}  // namespace gatehouse::test
