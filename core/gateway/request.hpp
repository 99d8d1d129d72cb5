#pragma once
#include "gateway/serve.hpp"

/// What Serve is made of, for its own two files.
namespace gatehouse::gateway {

/// One published Gateway on this worker, with a plain count of the requests that use it.
struct Serve::Generation {
  Generation(std::shared_ptr<const Gateway> g, base::Registry& registry, std::uint32_t worker)
      : gateway(std::move(g)), metrics(registry, worker, *gateway) {}
  std::shared_ptr<const Gateway> gateway;
  ServeMetrics metrics;
  std::uint32_t users = 0;
  Request* first = nullptr;  // of those under way
};

/// A request on its path. Pooled: nothing here allocates once the pool is warm.
class Serve::Request final : public RequestContext,
                             private access::AccessChain::Owner,
                             private access::RequestBody,
                             private integration::InvocationOwner {
 public:
  explicit Request(Serve& serve) : serve_(serve), deadline_(&on_deadline, this) {}

  void begin(http::Exchange& ex, Generation& generation);
  void finish(http::Ending how) noexcept;
  Serve& serve() noexcept { return serve_; }
  Request* next() noexcept { return next_; }
  Generation* generation() noexcept { return generation_; }

 private:
  // The path, in its order. Each step answers whether the request goes on; one that says no has answered it.
  bool receive();
  bool select_stage();
  bool select_route();
  bool find_route(std::string_view api_path, routing::Match& out) const;
  bool check_size();
  void authorize();
  void decided(const access::Decision& decision) override;
  void integrate();

  void build_facts();
  bool wants_preflight() const noexcept;
  bool refuse();
  bool refuse_for_body();
  void ask(std::shared_ptr<access::BodyReader> reader, std::int64_t max_bytes) override;
  void wait(std::int64_t ms) override;
  std::int64_t now_ns() noexcept override { return now(); }
  bool collapse_slashes() override;
  void on_response(http::ResponseHead& head, http::BodySource* body) override;
  void on_failure(integration::Failure failure, std::string_view detail) override;
  static void on_deadline(void* self) { static_cast<Request*>(self)->chain_.expire(); }
  std::int64_t now() const noexcept { return serve_.env_.loop->now_ns(); }

  Serve& serve_;
  Generation* generation_ = nullptr;
  Request* previous_ = nullptr;  // in the generation's list
  Request* next_ = nullptr;
  access::AccessChain chain_;
  integration::Invocation invocation_;
  net::Timer deadline_;
  http::MemoryBody body_;
  std::unique_ptr<KeptBody> kept_;  // null: no authorizer asked for the request's body
};

}  // namespace gatehouse::gateway
