// IAM authorizer (spec sigv4): who signed a request with AWS Signature Version 4. What he may do the gateway weighs.
#include <gatehouse/authorizer.hpp>
#include <gatehouse/kit/sigv4/verifier.hpp>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "body.hpp"
#include "outcomes.hpp"
#include "settings.hpp"

namespace gatehouse::iam {
namespace {

namespace sigv4 = kit::sigv4;
using sigv4::Fault;

constexpr std::size_t kMostKeyIdBytes = 128;  // as the IAM model has it
constexpr std::size_t kMostTokenBytes = 8192;

/// Where one worker verifies. What was read into it counts until another request is: waiting calls read anew.
struct Bench {
  sigv4::Workspace workspace;
  sigv4::Credentials credentials;
  std::uint64_t reads = 0;
};

sigv4::Request as_signed(const Request& request) {
  sigv4::Request out;
  out.method = request.method();
  out.wire_path = request.wire_path();
  out.path = request.path();
  out.raw_query = request.raw_query();
  out.authority = request.authority();
  out.region = request.region();
  static_cast<void>(request.headers());  // throws if they were not asked for
  out.headers = request.c()->headers;
  return out;
}

Fault fault_of(std::uint32_t key_status) noexcept {
  switch (key_status) {
    case GH_KEY_OK:
      return Fault::None;
    case GH_KEY_BAD_TOKEN:
      return Fault::BadToken;
    case GH_KEY_EXPIRED:
      return Fault::ExpiredToken;
    default:
      return Fault::UnknownKey;  // inactive as well: clients are not told (E4)
  }
}

class Iam final : public AsyncAuthorizer {
 public:
  static constexpr auto info = Info("callers who sign with AWS Signature Version 4")
                                   .nonblocking()
                                   .vendor("Gatehouse")
                                   .needs(GH_NEED_HEADERS)
                                   .services({GH_SVC_IDENTITY, GH_SVC_BODY})
                                   .settings(kSettingsSchema);

  Iam(const Config& config, Host& host)
      : host_(host),
        settings_(read_settings(config)),
        verifier_(settings_.rules),
        outcomes_(host),
        benches_(host.worker_count()) {}

  void authorize(const Request& request, Call call) override {
    const Place place = place_of(request.worker());
    sigv4::Refusal why;
    if (!read(request, *place.bench, why)) {
      if (why.fault == Fault::NotSigned && settings_.anonymous) {
        outcomes_.anonymous.add();
        return call.complete(Answer(GH_ALLOW).ttl(0));
      }
      return refuse(call, why);
    }
    const sigv4::Credentials& c = place.bench->credentials;
    // A REST API takes `;` for `&`, and a signature takes it for a part of a value: who may send a signed URL on could
    // make another parameter of a value's end.
    if (request.api_type() == GH_API_REST && request.raw_query().find(';') != std::string_view::npos)
      return refuse(call, Fault::Unusable, "a `;` in the query as itself: send it as %3B");
    // No key is like these: what the store would say is known without it.
    if (c.access_key_id.size() > kMostKeyIdBytes || c.access_key_id.find('\0') != std::string_view::npos)
      return refuse(call, Fault::UnknownKey, "an access key id that none can be");
    if (c.token_repeated) return refuse(call, Fault::BadToken, "several X-Amz-Security-Token headers");
    if (c.session_token.size() > kMostTokenBytes)
      return refuse(call, Fault::BadToken, "a session token that is too long");
    const KeyQuery query{c.access_key_id, c.session_token, c.date, c.region, c.service};
    const std::uint64_t reads = place.bench->reads;
    const std::int32_t status = host_.lookup_key(
        query, std::move(call),
        [this, place, reads, request](Call asked, const KeyResult& key) { found(asked, request, place, reads, key); });
    if (status < 0) outcomes_.failed.add();
  }

 private:
  struct Place {
    Bench* bench;
    std::shared_ptr<Bench> own;  // of a call that belongs to no worker
  };
  Place place_of(std::uint32_t worker) {
    if (worker < benches_.size()) return {&benches_[worker], nullptr};
    auto own = std::make_shared<Bench>();
    return {own.get(), own};
  }

  bool read(const Request& request, Bench& bench, sigv4::Refusal& why) const {
    ++bench.reads;
    return verifier_.read(as_signed(request), request.time_unix_ms(), bench.workspace, bench.credentials, why);
  }
  /// What authorize() read is there still, or again.
  bool read_again(const Request& request, const Place& place, std::uint64_t reads) const {
    sigv4::Refusal why;
    return place.bench->reads == reads || read(request, *place.bench, why);
  }

  /// What a look-up came to, without the views of KeyResult.
  struct Key {
    std::uint32_t status;
    std::uint64_t caller;
    sigv4::Digest signing;
  };

  void found(Call& call, const Request& request, const Place& place, std::uint64_t reads, const KeyResult& result) {
    const bool nobody = result.known() && result.caller() == 0;
    if (!result.ok() || result.signing_key().size() != sizeof(sigv4::Digest) || nobody) {
      outcomes_.failed.add();
      return call.fail(!result.ok() ? result.error()
                       : nobody     ? "a key without an owner"
                                    : "a signing key of another size");
    }
    Key key{result.key_status(), result.caller(), {}};
    std::memcpy(key.signing.data(), result.signing_key().data(), key.signing.size());
    if (!may_have_body(request)) {
      judge(call, request, place, reads, key, sigv4::kEmptyPayload);
    } else {
      const std::int32_t status =
          host_.body_hash(GH_HASH_SHA256, std::move(call),
                          [this, request, place, reads, key](Call asked, const BodyResult& body) mutable {
                            sigv4::Digest payload;
                            if (!body.ok() || body.bytes.size() != payload.size()) {
                              outcomes_.failed.add();
                              asked.fail(body.ok() ? "a digest of another size" : body.error());
                            } else {
                              std::memcpy(payload.data(), body.bytes.data(), payload.size());
                              judge(asked, request, place, reads, key, payload);
                            }
                            sigv4::wipe(key.signing);
                          });
      if (status < 0) outcomes_.failed.add();
    }
    sigv4::wipe(key.signing);
  }

  /// The same steps whether the key is one or not, so that the time does not tell which keys there are (spec 11.2).
  void judge(Call& call, const Request& request, const Place& place, std::uint64_t reads, const Key& key,
             const sigv4::Digest& payload) const {
    if (!read_again(request, place, reads)) {
      outcomes_.failed.add();
      return call.fail("the request has changed while it waited");
    }
    Bench& bench = *place.bench;
    const sigv4::Request as = as_signed(request);
    const auto match = verifier_.match(as, bench.credentials, key.signing, payload, bench.workspace);
    const Fault fault = fault_of(key.status);
    if (fault != Fault::None) return refuse(call, fault, key_reason(key.status, bench.credentials));
    if (!match.verified)
      return refuse(call, verifier_.mismatch(as, bench.credentials, key.signing, payload, settings_.full_errors,
                                             bench.workspace));
    outcomes_.verified.add();
    call.complete(Answer(GH_ALLOW).caller(key.caller).path_form(match.path_form).ttl(0));
  }

  static std::string key_reason(std::uint32_t status, const sigv4::Credentials& c) {
    std::string out = "access key `";
    sigv4::append_shown(out, c.access_key_id, kMostKeyIdBytes);
    const bool token = c.session_token.data() != nullptr;
    switch (status) {
      case GH_KEY_UNKNOWN:
        return out + (token ? "` is unknown" : "` is unknown, or a temporary one without its session token");
      case GH_KEY_INACTIVE:
        return out + "` is inactive";
      case GH_KEY_BAD_TOKEN:
        return out + "`: the session token is not of this key";
      case GH_KEY_EXPIRED:
        return out + "`: the session token has expired";
      default:
        return out + "`: a status that this plugin does not know";
    }
  }

  void refuse(Call& call, Fault fault, std::string reason) const {
    refuse(call, sigv4::Refusal{fault, sigv4::fixed_message(fault), std::move(reason)});
  }
  void refuse(Call& call, const sigv4::Refusal& why) const {
    outcomes_.refused(why.fault);
    std::string reason = sigv4::name(why.fault);
    // Of a mismatch only what is short: the message may hold what headers say.
    if (why.fault != Fault::Mismatch && why.reason.empty()) (reason += ": ") += why.message;
    if (!why.reason.empty()) (reason += ": ") += why.reason;
    call.complete(Answer(GH_DENY)
                      .message(why.message)
                      .response_type(sigv4::response_type(why.fault))
                      .error_type(sigv4::error_type(why.fault))
                      .reason(reason)
                      .ttl(0));
  }

  Host& host_;
  const Settings settings_;
  const sigv4::Verifier verifier_;
  const Outcomes outcomes_;
  std::vector<Bench> benches_;  // by worker
};

}  // namespace
}  // namespace gatehouse::iam

using gatehouse::iam::Iam;
GATEHOUSE_AUTHORIZER(Iam, "gatehouse.iam", "1.0.0")
