#include "client/fetch_client.hpp"

#include <optional>
#include <utility>

#include "base/text.hpp"
#include "http/body.hpp"
#include "net/timer.hpp"

namespace gatehouse::client {
namespace {

using http::HeaderId;

// Our own timer ends a fetch; the call's must not come before it.
constexpr std::int64_t kAfterMs = 60'000;
constexpr std::string_view kUserAgent = "gatehouse";

constexpr bool is_redirect(int status) noexcept {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// What may go to an origin that the caller did not name: anything else may be a credential.
bool is_harmless(std::string_view name) noexcept {
  return base::equal_ignoring_case(name, "accept") || base::equal_ignoring_case(name, "accept-language") ||
         base::equal_ignoring_case(name, "user-agent");
}

FetchError error_of(CallError error) noexcept {
  switch (error) {
    case CallError::Resolve:
    case CallError::NoTarget:
      return FetchError::Dns;
    case CallError::Address:
      return FetchError::Address;
    case CallError::Tls:
      return FetchError::Tls;
    case CallError::Busy:
      return FetchError::Limit;
    case CallError::Timeout:
      return FetchError::Timeout;
    case CallError::Malformed:
      return FetchError::Protocol;
    case CallError::HeadTooLarge:
      return FetchError::TooLarge;
    case CallError::None:
    case CallError::Connect:
    case CallError::Closed:
    case CallError::RequestBody:
      break;
  }
  return FetchError::Connect;
}

}  // namespace

/// One fetch: hop by hop, then one result. Inside what a call tells nothing is started and nobody is told: that waits
/// for the end of the turn.
class FetchClient::Flow final : public Fetch, private CallOwner, private http::BodySink {
 public:
  Flow(FetchClient& client, FetchRequest request, Done done)
      : client_(&client),
        request_(std::move(request)),
        done_(std::move(done)),
        redirects_left_(request_.max_redirects),
        timer_([](void* self) { static_cast<Flow*>(self)->on_timer(); }, this),
        soon_([](void* self) { static_cast<Flow*>(self)->go_on(); }, this) {
    client.flows_.push_back(this);
    client.loop_.timers().arm(timer_, request_.timeout_ms);
  }
  ~Flow() override { detach(); }

  /// From its client: over, whatever it was about.
  void detach() noexcept {
    if (client_ == nullptr) return;
    client_->loop_.timers().disarm(timer_);
    soon_.cancel();
    leave();
    hold(0);
    std::erase(client_->flows_, this);
    client_ = nullptr;
  }

  void hop();
  void end(FetchError error, std::string detail);

 private:
  void go_on();
  void on_timer() {
    end(FetchError::Timeout, "no whole response within " + std::to_string(request_.timeout_ms) + " ms");
  }
  void on_response(Call& call, const http::ResponseHead& head) override;
  void on_failure(Call&, CallError error, std::string_view detail) override {
    end(error_of(error), request_.url.authority() + ": " + std::string(detail));
  }
  void on_body() override {
    if (!over_) take_body();
  }
  void take_body();
  void follow(const http::ResponseHead& head);
  void leave() noexcept;
  /// Accounts for a body of that size.
  bool hold(std::size_t bytes) noexcept;

  FetchClient* client_;  // null: gone
  FetchRequest request_;
  const Done done_;
  std::uint32_t redirects_left_;
  bool elsewhere_ = false;   // a redirect has led to another origin
  std::optional<Url> next_;  // where a redirect leads to, until it is followed
  bool over_ = false;
  FetchResult result_;
  std::size_t held_ = 0;

  Origins::Origin* origin_ = nullptr;
  http::Headers lines_;
  http::MemoryBody body_;
  OutboundRequest outbound_;
  CallHandle call_;
  net::Timer timer_;
  net::Chore soon_;
};

void FetchClient::Flow::hop() {
  const Url& url = request_.url;
  if (!url.https && !request_.allow_http)
    return end(FetchError::Refused, "plain http is not allowed: " + url.authority());
  if (request_.grants == nullptr || !request_.grants->allow(url))
    return end(FetchError::Refused, "the host is not granted: " + url.host);
  const AddressRule rule = request_.allow_private ? AddressRule::Private : AddressRule::Public;
  auto origin = client_->origins_.take(url, request_.trust, rule);
  if (!origin) return end(FetchError::Limit, origin.error().text);
  origin_ = *origin;

  lines_.clear();
  for (const auto& [name, value] : request_.headers)
    if (!elsewhere_ || is_harmless(name)) lines_.add(name, value);
  if (lines_.find(HeaderId::UserAgent) == nullptr) lines_.add("User-Agent", kUserAgent);
  body_.assign(request_.body);
  outbound_.method = request_.method;
  outbound_.target = url.target;
  outbound_.headers = &lines_;
  outbound_.body = request_.body.empty() ? nullptr : &body_;
  outbound_.response_timeout_ms = outbound_.body_idle_ms = request_.timeout_ms + kAfterMs;
  call_ = client_->client_.start(origin_->upstream, outbound_, *this);
}

void FetchClient::Flow::on_response(Call& call, const http::ResponseHead& head) {
  if (over_) return;
  if (is_redirect(head.status) && request_.max_redirects != 0) return follow(head);
  const auto most = static_cast<std::int64_t>(request_.max_body_bytes);
  const bool has_body = request_.method != http::Method::Head && !http::never_has_body(head.status);
  if (has_body && head.content_length > most)
    return end(FetchError::TooLarge, "a body of " + std::to_string(head.content_length) + " bytes");
  result_.status = head.status;
  result_.headers.reserve(head.headers.size());
  for (const http::Header& line : head.headers) result_.headers.emplace_back(base::lower(line.name), line.value);
  call.body().set_limit(most);
  call.body().set_sink(this);
  take_body();
}

void FetchClient::Flow::take_body() {
  http::BodySource& body = call_->body();
  for (;;) {
    switch (body.pull()) {
      case http::BodySource::State::Ready: {
        const std::string_view data = body.data();
        if (!hold(result_.body.size() + data.size()))
          return end(FetchError::Limit, "too much memory is held by responses of this worker");
        result_.body.append(data);
        body.consume(data.size());
        break;
      }
      case http::BodySource::State::Waiting:
        return;
      case http::BodySource::State::End:
        return end(FetchError::None, {});
      case http::BodySource::State::Failed:
        switch (body.error()) {
          case http::BodyError::TooLarge:
            return end(FetchError::TooLarge,
                       "a body of more than " + std::to_string(request_.max_body_bytes) + " bytes");
          case http::BodyError::Malformed:
            return end(FetchError::Protocol, "the body breaks HTTP");
          case http::BodyError::Timeout:
            return end(FetchError::Timeout, "the body did not go on");
          default:
            return end(FetchError::Connect, "closed within the body");
        }
    }
  }
}

void FetchClient::Flow::follow(const http::ResponseHead& head) {
  if (request_.method != http::Method::Get && request_.method != http::Method::Head)
    return end(FetchError::Refused, "a redirect of a request that is neither GET nor HEAD");
  const http::Header* location = nullptr;
  for (const http::Header& line : head.headers) {
    if (!base::equal_ignoring_case(line.name, "location")) continue;
    if (location != nullptr) return end(FetchError::Protocol, "a redirect with two Locations");
    location = &line;
  }
  if (location == nullptr) return end(FetchError::Protocol, "a redirect without a Location");
  if (redirects_left_ == 0) return end(FetchError::Refused, "too many redirects");
  auto next = request_.url.resolve(location->value);
  if (!next)
    return end(next.error().code == Code::Unsupported ? FetchError::Refused : FetchError::Protocol,
               "a redirect to nowhere: " + next.error().text);
  if (!request_.url.https || !next->https) return end(FetchError::Refused, "a redirect from or to plain http");
  --redirects_left_;
  next_ = std::move(*next);
  client_->loop_.defer(soon_);
}

void FetchClient::Flow::end(FetchError error, std::string detail) {
  if (std::exchange(over_, true)) return;
  if (error != FetchError::None) result_ = FetchResult{error, std::move(detail), 0, {}, {}, {}};
  result_.url = request_.url.text();
  client_->loop_.timers().disarm(timer_);
  client_->loop_.defer(soon_);
}

void FetchClient::Flow::go_on() {
  leave();
  if (!over_) {
    if (!next_->same_origin(request_.url)) {
      elsewhere_ = true;
      request_.body.clear();
    }
    request_.url = std::move(*next_);
    return hop();
  }
  hold(0);
  // The last thing: whoever is told may destroy this.
  const Done done = done_;
  done(std::move(result_));
}

void FetchClient::Flow::leave() noexcept {
  call_.reset();
  if (origin_ != nullptr) client_->origins_.give_back(*std::exchange(origin_, nullptr));
}

bool FetchClient::Flow::hold(std::size_t bytes) noexcept {
  const std::size_t others = client_->held_bytes_ - held_;
  if (bytes > held_ && others + bytes > kMaxHeldBytes) return false;
  client_->held_bytes_ = others + bytes;
  held_ = bytes;
  return true;
}

FetchClient::FetchClient(net::Loop& loop, std::shared_ptr<net::Executor::Share> resolver)
    : FetchClient(loop, std::make_unique<net::SystemResolver>(loop, std::move(resolver))) {}

FetchClient::FetchClient(net::Loop& loop, std::unique_ptr<net::Resolver> resolver)
    : loop_(loop), client_(loop, buffers_, std::move(resolver)), origins_(loop, client_) {}

FetchClient::~FetchClient() {
  while (!flows_.empty()) flows_.back()->detach();
}

void FetchClient::trim() noexcept {
  client_.trim();
  buffers_.trim();
}

std::unique_ptr<Fetch> FetchClient::start(FetchRequest request, Done done) {
  auto flow = std::make_unique<Flow>(*this, std::move(request), std::move(done));
  if (flows_.size() > kMaxFetches)
    flow->end(FetchError::Limit, "too many fetches of this worker are under way");
  else
    flow->hop();
  return flow;
}

}  // namespace gatehouse::client
