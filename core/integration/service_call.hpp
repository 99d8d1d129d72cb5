#pragma once
#include <memory>

#include "http/body.hpp"
#include "integration/service.hpp"
#include "net/executor.hpp"
#include "net/loop.hpp"

namespace gatehouse::integration {

/// One request to a service, from its first body byte to the answer. Lives as long as somebody may come back to it.
class ServiceCall final : public std::enable_shared_from_this<ServiceCall>, private http::BodySink {
 public:
  ServiceCall(std::shared_ptr<const Service> service, std::shared_ptr<net::Executor::Share> threads, net::Loop& loop)
      : service_(std::move(service)), threads_(std::move(threads)), mailbox_(loop.mailbox()), loop_(loop) {}

  /// [loop] Reads the body, then asks; the invocation's owner is told, possibly from in here.
  void begin(Invocation& invocation);
  /// [loop] Nobody waits any more.
  void leave() noexcept;
  const ServiceResponse& response() const noexcept { return response_; }

 private:
  void on_body() override { read(); }
  void read();
  void ask();
  void deliver();
  void refuse(int status, std::string_view error_type, std::string_view message);

  const std::shared_ptr<const Service> service_;
  const std::shared_ptr<net::Executor::Share> threads_;
  const std::shared_ptr<net::Mailbox> mailbox_;
  net::Loop& loop_;
  Invocation* invocation_ = nullptr;  // [loop] null once nobody waits
  http::BodySource* body_ = nullptr;
  ServiceRequest request_;    // the loop's, then the thread's
  ServiceResponse response_;  // the thread's, then the loop's
};

}  // namespace gatehouse::integration
