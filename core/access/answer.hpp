#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "access/response_type.hpp"
#include "base/arena.hpp"

namespace gatehouse::policy {
class Policy;
}

namespace gatehouse::access {

struct KnownCaller;

/// What one authorizer says. The first is what silence means.
enum class AnswerKind : std::uint8_t { Failed, Allow, Deny, Unauthorized, Abstain };
std::string_view name(AnswerKind kind) noexcept;

enum class ValueType : std::uint8_t { Null, String, Number, Bool, Json };

/// A typed value in text form: `true`, `12.5`, JSON text for Json.
struct TypedValue {
  std::string_view key;
  std::string_view value;
  ValueType type = ValueType::String;
};

/// Whose policy it is that an answer brings.
enum class PolicyRole : std::uint8_t { Identity, Boundary, Session, Resource, Endpoint };
std::string_view name(PolicyRole role) noexcept;

/// A policy to weigh: one that the authorizer declared (Authorizer::policies), by its handle, or one of this answer.
struct AnswerPolicy {
  PolicyRole role = PolicyRole::Identity;
  std::uint64_t handle = 0;                // 0: `policy` it is
  const policy::Policy* policy = nullptr;  // held by Answer::holds; of a handle: what the route compiled it to
};

/// An authorizer's answer. All views are into the request's arena (whoever delivers an answer copies first) or are
/// constants. A default-constructed Answer reads Failed: who forgets to answer refuses.
struct Answer {
  AnswerKind kind = AnswerKind::Failed;
  bool slashes_collapsed = false;             // the path was judged with its slashes one each
  std::optional<ResponseType> response_type;  // of a refusal: another of its status
  std::string_view principal_id;
  std::span<const TypedValue> context;
  std::span<const TypedValue> claims;
  std::span<const std::string_view> scopes;  // all that the token has
  std::string_view challenge;                // WWW-Authenticate
  std::string_view usage_key;
  std::string_view reason;               // private: log and explain only
  std::string_view code;                 // stable word for the trace: `deadline`, `exception`, `plugin`
  std::string_view error_text;           // $context.authorizer.error
  std::string_view message;              // of a refusal: for the client, where AWS has such a text
  std::string_view error_type;           // of a refusal: x-amzn-ErrorType
  std::int32_t ttl_seconds = -1;         // -1: as configured
  std::int64_t valid_until_unix_ms = 0;  // 0: no bound
  const KnownCaller* caller = nullptr;   // whom the store of identities knows; held by `holds`
  std::span<const AnswerPolicy> policies;
  std::shared_ptr<const void> holds;  // what `caller` and the policies without a handle live in
  std::size_t held_bytes = 0;         // about what it takes

  static Answer failed(std::string_view code, std::string_view reason) noexcept {
    Answer out;
    out.code = code;
    out.reason = reason;
    return out;
  }
};

/// A copy whose views are in `arena`. [any]
Answer copy_answer(const Answer& from, base::Arena& arena);

}  // namespace gatehouse::access
