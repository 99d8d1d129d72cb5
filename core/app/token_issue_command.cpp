#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <gatehouse/kit/jose/signer.hpp>

#include <CLI/App.hpp>
#include <CLI/Validators.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

#include "app/token_commands.hpp"
#include "app/token_time.hpp"
#include "base/clock.hpp"
#include "base/secret.hpp"
#include "config/interpolate.hpp"
#include "plugin/json.hpp"

namespace gatehouse::app {
namespace {

namespace jose = kit::jose;

struct KindName {
  const char* name;
  jose::SigningKey::Kind kind;
};
constexpr KindName kKinds[] = {{"rsa", jose::SigningKey::Kind::Rsa},
                               {"p256", jose::SigningKey::Kind::P256},
                               {"p384", jose::SigningKey::Kind::P384},
                               {"p521", jose::SigningKey::Kind::P521},
                               {"ed25519", jose::SigningKey::Kind::Ed25519}};
constexpr kit::JsonLimits kClaimLimits{.bytes = 16'384, .values = 16'384, .depth = 15, .members = 256};

/// A new file of mode 0600. What went wrong; empty when nothing did, and then it is on the disk.
std::string write_new(const std::string& file, std::string_view text) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) return errno == EEXIST ? "it is there already, and is not written over" : std::strerror(errno);
  int error = 0;
  while (!text.empty() && error == 0) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
    if (n < 0 && errno != EINTR) error = errno;
  }
  if (error == 0 && ::fsync(fd) != 0) error = errno;
  if (::close(fd) != 0 && error == 0) error = errno;
  if (error == 0) return {};
  ::unlink(file.c_str());  // half a key is none, and this one nobody had before
  return std::strerror(error);
}

/// Seconds as a NumericDate.
std::string numeric(std::int64_t ms) {
  char room[32];
  const int size = ms % 1000 == 0 ? std::snprintf(room, sizeof room, "%lld", static_cast<long long>(ms / 1000))
                                  : std::snprintf(room, sizeof room, "%lld.%03d", static_cast<long long>(ms / 1000),
                                                  static_cast<int>(ms % 1000));
  return {room, static_cast<std::size_t>(size)};
}

class TokenIssueCommand final : public Command {
 public:
  explicit TokenIssueCommand(CLI::App& parser) : parser_(parser) {
    std::vector<std::string> kinds;
    for (const KindName& kind : kKinds) kinds.emplace_back(kind.name);
    const auto many = [&](const char* name, std::vector<std::string>& to, const char* help) {
      about_token_.push_back(
          parser.add_option(name, to, help)->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll));
    };
    const auto one = [&](const char* name, std::string& to, const char* help) {
      about_token_.push_back(parser.add_option(name, to, help));
    };
    parser.add_option("--key", key_, "the private key, PEM without a password")->required();
    parser
        .add_option("--new-key", new_key_,
                    "make a key first, in a file that must not be there: rsa, p256, p384, p521, ed25519")
        ->check(CLI::IsMember(kinds));
    parser.add_flag("--jwks", jwks_, "print the JWK set of the key, its public part only, instead of a token");
    parser.add_option("--algorithm", algorithm_, "default: RS256 of an RSA key, else the one that the key is for");
    parser.add_option("--kid", kid_, "id of the key; default: its RFC 7638 thumbprint");
    one("--typ", typ_, "`typ` of the header; default JWT");
    one("--issuer", issuer_, "`iss`");
    many("--audience", audiences_, "`aud`; may be repeated");
    one("--subject", subject_, "`sub`");
    many("--scope", scopes_, "`scope`; may be repeated");
    many("--claim", claims_, "another claim, as NAME=TEXT or NAME:=JSON; may be repeated");
    one("--expires-in", expires_in_, "how long it counts, as 90s, 15m, 1h or 30d; none: no `exp`; default 1h");
    one("--now", now_, "when it is issued: Unix seconds or RFC 3339");
    parser.footer("For demos and tests: whoever has the key is whoever the gateway takes him for.");
  }

  int run() override {
    if (new_key_.empty() && !jwks_) return issue();
    for (const CLI::Option* option : about_token_)
      if (option->count() != 0)
        return usage(option->get_name() + " is about a token, and " + (jwks_ ? "--jwks" : "--new-key") +
                     " prints none");
    if (new_key_.empty()) return print_set();
    return make();
  }

 private:
  static int usage(const std::string& text) {
    std::fprintf(stderr, "error: %s\n", text.c_str());
    return kUsage;
  }
  int key_fault(const std::string& text) const {
    std::fprintf(stderr, "error: --key: `%s`: %s\n", shown_raw(key_, 256).c_str(), shown_raw(text, 512).c_str());
    return kFault;
  }

  int make() {
    jose::SigningKey::Kind kind{};
    for (const KindName& known : kKinds)
      if (known.name == new_key_) kind = known.kind;
    std::string fault;
    const auto key = jose::SigningKey::make(kind, fault);
    if (!key) return key_fault(fault);
    if (const std::string wrong = settle(*key); !wrong.empty()) return usage(wrong);
    const base::Secret pem(key->pem());
    if (pem.empty()) return key_fault("OpenSSL cannot write the key");
    if (const std::string wrong = write_new(key_, pem.reveal()); !wrong.empty()) return key_fault(wrong);
    if (jwks_)
      print_jwks(*key);
    else
      std::printf("%s: %s, kid %s\n", shown_raw(key_, 256).c_str(), key->kind().c_str(), kid_.c_str());
    return kOk;
  }

  int print_set() {
    const auto key = read();
    if (!key) return kFault;
    if (const std::string wrong = settle(*key); !wrong.empty()) return usage(wrong);
    print_jwks(*key);
    return kOk;
  }

  std::optional<jose::SigningKey> read() const {
    std::string exposed, fault;
    auto text = config::read_file(key_, shown_raw(key_, 256), jose::SigningKey::kMaxPemBytes, exposed);
    if (!text) {
      std::fprintf(stderr, "error: --key: %s\n", text.error().text.c_str());
      return std::nullopt;
    }
    const base::Secret pem(std::move(*text));
    struct stat status {};
    if (::stat(key_.c_str(), &status) == 0 && (status.st_mode & (S_IRGRP | S_IROTH)) != 0)
      std::fprintf(stderr, "warning: --key: `%s` can be read by others: chmod 600\n", shown_raw(key_, 256).c_str());
    if (!exposed.empty()) std::fprintf(stderr, "warning: --key: %s\n", exposed.c_str());
    auto key = jose::SigningKey::read(pem.reveal(), fault);
    if (!key) key_fault(fault);
    return key;
  }

  /// The key's id and algorithm. What is wrong with those that were asked for.
  std::string settle(const jose::SigningKey& key) {
    if (!algorithm_.empty()) {
      chosen_ = jose::algorithm_of(algorithm_);
      if (!chosen_)
        return "--algorithm: `" + shown_raw(algorithm_, 64) +
               "` is none that tokens are signed with: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, "
               "EdDSA";
      if (!key.fits(*chosen_)) return "--algorithm: " + algorithm_ + " is not for a key of the type " + key.kind();
    }
    if (parser_.count("--kid") == 0) kid_ = key.thumbprint();
    if (kid_.empty() || kid_.size() > 256) return "--kid: it has to have 1 to 256 bytes";
    return {};
  }

  void print_jwks(const jose::SigningKey& key) const {
    std::printf("{\"keys\":[{%s,\"kid\":%s,\"use\":\"sig\"%s}]}\n", key.jwk_members().c_str(), in_json(kid_).c_str(),
                chosen_ ? (",\"alg\":" + in_json(jose::name(*chosen_))).c_str() : "");
  }

  int issue() {
    const auto now = now_.empty() ? base::system_clock().unix_ms() / 1000 * 1000 : parse_now(now_);
    if (!now)
      return usage("--now: `" + shown_raw(now_, 64) + "` is neither Unix seconds nor RFC 3339 as 2026-11-26T09:30:00Z");
    std::string wrong;
    const std::string payload = claims(*now, wrong);
    if (!wrong.empty()) return usage(wrong);
    const auto key = read();
    if (!key) return kFault;
    if (wrong = settle(*key); !wrong.empty()) return usage(wrong);
    const jose::Algorithm algorithm = chosen_.value_or(key->usual_algorithm());
    const std::string header =
        "{\"alg\":" + in_json(jose::name(algorithm)) + ",\"typ\":" + in_json(typ_) + ",\"kid\":" + in_json(kid_) + "}";
    const auto token = key->token(algorithm, header, payload);
    if (!token) return key_fault("it does not sign what its public half verifies");
    if (token->size() > 8192)
      std::fprintf(stderr, "warning: the token has %zu bytes; the gateway takes 8192 unless it is told to take more\n",
                   token->size());
    std::printf("%s\n", token->c_str());
    return kOk;
  }

  /// The payload; `wrong` says what is wrong with the claims.
  std::string claims(std::int64_t now_ms, std::string& wrong) const {
    std::vector<std::pair<std::string, std::string>> all;  // JSON
    const auto has = [&](std::string_view name) {
      return std::any_of(all.begin(), all.end(), [&](const auto& one) { return one.first == name; });
    };
    const auto add = [&](const std::string& name, std::string json) {
      if (has(name) && wrong.empty()) wrong = "the claim `" + shown_raw(name, 64) + "` is given twice";
      all.emplace_back(name, std::move(json));
    };
    if (!issuer_.empty()) add("iss", in_json(issuer_));
    if (!subject_.empty()) add("sub", in_json(subject_));
    std::string list;
    for (const std::string& audience : audiences_) list += (list.empty() ? "" : ",") + in_json(audience);
    if (!audiences_.empty()) add("aud", audiences_.size() == 1 ? list : "[" + list + "]");
    list.clear();
    for (const std::string& scope : scopes_) list += (list.empty() ? "" : " ") + scope;
    if (!scopes_.empty()) add("scope", in_json(list));
    if (!expires_in_.empty() && expires_in_ != "none") {
      const auto seconds = parse_span(expires_in_);
      if (!seconds) {
        wrong = "--expires-in: `" + shown_raw(expires_in_, 64) + "` is no time as 90s, 15m, 1h or 30d, and not none";
        return {};
      }
      add("exp", numeric(now_ms + *seconds * 1000));
    }
    for (const std::string& claim : claims_) add_claim(claim, add, wrong);
    // Those that come by themselves give way.
    if (!has("iat")) add("iat", numeric(now_ms));
    if (!has("exp") && expires_in_ != "none") add("exp", numeric(now_ms + 3'600'000));
    std::string out = "{";
    for (const auto& [name, json] : all) out += (out.size() > 1 ? "," : "") + in_json(name) + ":" + json;
    return out + "}";
  }

  template <class Add>
  static void add_claim(const std::string& claim, const Add& add, std::string& wrong) {
    const std::size_t equals = claim.find('=');
    const bool json = equals != std::string::npos && equals > 0 && claim[equals - 1] == ':';
    const std::size_t end = json ? equals - 1 : equals;
    if (equals == std::string::npos || end == 0) {
      wrong = "--claim: one of them is neither NAME=TEXT nor NAME:=JSON";
      return;
    }
    const std::string name = claim.substr(0, end), value = claim.substr(equals + 1);
    if (!json) return add(name, in_json(value));
    const auto parsed = plugin::parse_json(value, kClaimLimits);
    if (!parsed) {
      wrong = "--claim: `" + shown_raw(name, 64) + "`: " + parsed.error().text;
      return;
    }
    std::string text;
    plugin::append_json(text, *parsed);
    add(name, std::move(text));
  }

  CLI::App& parser_;
  std::vector<const CLI::Option*> about_token_;
  std::string key_, new_key_, algorithm_, kid_, typ_ = "JWT", issuer_, subject_, expires_in_, now_;
  std::vector<std::string> audiences_, scopes_, claims_;
  std::optional<jose::Algorithm> chosen_;
  bool jwks_ = false;
};

}  // namespace

std::unique_ptr<Command> token_issue_command(CLI::App& parser) {
  return std::make_unique<TokenIssueCommand>(parser);
}

}  // namespace gatehouse::app
