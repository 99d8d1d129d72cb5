#include "gateway/explain.hpp"

#include "gateway/journal.hpp"
#include "gateway/serve.hpp"
#include "http/parser.hpp"

namespace gatehouse::gateway {
namespace {

/// An exchange with nobody at the other end.
class PaperExchange final : public http::Exchange {
 public:
  http::BodySource& body() noexcept override { return body_; }
  void respond(const http::ResponseHead& head, http::BodySource*) override {
    status = head.status;
    responded_ = true;
  }
  void abort() noexcept override { responded_ = true; }
  void close_after() noexcept override {}
  bool responded() const noexcept override { return responded_; }

 protected:
  void unpinned() noexcept override {}

 private:
  http::MemoryBody body_;
  bool responded_ = false;
};

// The bytes that a client would send: the request then goes through the same parser as everybody's.
std::string wire(const ExplainRequest& request) {
  std::string out = request.method + " " + request.target + " HTTP/1.1\r\n";
  bool has_host = false;
  for (const auto& [name, value] : request.headers) {
    has_host = has_host || base::equal_ignoring_case(name, "host");
    out += name + ": " + value + "\r\n";
  }
  if (!has_host) out += "Host: " + (request.host.empty() ? "localhost" : request.host) + "\r\n";
  return out + "\r\n";
}

}  // namespace

Result<Explanation> explain(std::shared_ptr<const Gateway> gateway, net::Loop& loop, const ExplainRequest& request) {
  const auto peer = base::IpAddress::parse(request.from);
  if (!peer) return fail(Code::Invalid, "`" + request.from + "` is not an IP address");
  for (const auto& [name, value] : request.headers)
    if ((name + value).find_first_of(std::string("\r\n\0", 3)) != std::string::npos)
      return fail(Code::Invalid, "header `" + name + "` holds a line break");

  const std::string bytes = wire(request);
  PaperExchange exchange;
  http::RequestParser parser;
  http::ParseFault fault;
  http::HeadLimits limits;
  limits.request_line_bytes = gateway->settings.limits.request_line_bytes;
  limits.head_bytes = gateway->settings.limits.header_bytes;
  limits.header_count = gateway->settings.limits.header_count;
  const http::ParseState state = parser.parse(bytes, limits, exchange.request, fault);
  if (state == http::ParseState::Refused)
    return fail(Code::Invalid, "the listener refuses this request with " + std::to_string(fault.status) + ": " +
                                   std::string(fault.what));
  if (state == http::ParseState::NeedMore)
    return fail(Code::Invalid, "the request is not whole: is there a line break in it?");

  const std::string peer_text = peer->text();
  http::ConnectionFacts connection;
  connection.peer = *peer;
  connection.peer_text = peer_text;
  connection.listener = "explain";
  exchange.connection = &connection;
  exchange.start_ns = loop.now_ns();

  base::SystemRandom random;
  base::Registry registry;
  Serve::Environment environment;
  environment.loop = &loop;
  environment.random = &random;
  environment.registry = &registry;
  environment.journal_slots = 0;
  environment.dry_run = true;
  Serve serve(std::move(environment));
  serve.publish(std::move(gateway));
  serve.start(exchange);
  // The chain's own deadlines end this: each authorizer has one.
  while (!exchange.responded()) loop.turn(1000);

  const RequestContext& context = *Serve::context(exchange);
  Explanation out;
  // Nothing is sent here: what has a status and is no refusal is a preflight, judged or not.
  out.answered = exchange.status != 0 && !context.refusal.set;
  out.allowed = context.has_decision && context.decision.verdict == access::Verdict::Allowed && !context.refusal.set &&
                !out.answered;
  out.status = exchange.status;
  out.text = trace_text(context);
  if (const auto change = to_change(context)) append_readable(out.to_change, change->text);
  out.json = trace_json(context);
  serve.finished(exchange, http::Ending::Complete);
  // A late authorizer may still read the request.
  while (exchange.pinned()) loop.turn(100);
  return out;
}

}  // namespace gatehouse::gateway
