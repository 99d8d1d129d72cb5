#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "access/answer.hpp"
#include "access/facts.hpp"
#include "access/request_body.hpp"
#include "base/arena.hpp"

namespace gatehouse::access {

enum class Category : std::uint8_t { Network, Resource, Identity };
std::string_view name(Category category) noexcept;

/// A policy that an authorizer's answers name by its handle, as a document: a route compiles it for its own API, which
/// `execute-api:/` stands for.
struct DeclaredPolicy {
  std::uint64_t handle = 0;  // never 0
  PolicyRole role = PolicyRole::Resource;
  std::string_view json;  // lives as long as the authorizer
};

/// One question to one authorizer: where its answer goes. Lives in the request; the AccessChain makes it.
class Question {
 public:
  /// [loop] Exactly once for each authorize(), inside that call or later, but not after cancel(). The answer's views
  /// must be in arena() or constants.
  virtual void answered(const Answer& answer) = 0;
  /// [loop] The request's arena.
  virtual base::Arena& arena() noexcept = 0;
  /// [loop] Keeps the request's bytes (and with them all views of Facts) past the end of the exchange, until unpin().
  /// Used by an authorizer whose code may still read them when the request is over.
  virtual void pin() noexcept = 0;
  virtual void unpin() noexcept = 0;
  /// The authorizer's own, from authorize() until it has answered or was cancelled. [loop]
  void* data = nullptr;
  /// [loop] The request's body, while the question is open; null when there is nobody who keeps one.
  virtual RequestBody* body() noexcept { return nullptr; }

 protected:
  ~Question() = default;
};

/// Something that judges requests, with its settings. Immutable once made; shared by all workers. Facts in, Answer out:
/// knows no HTTP status and no other authorizer. Made from plugins by the plugin room; tests make their own.
class Authorizer {
 public:
  virtual ~Authorizer() = default;
  /// Its name in the configuration.
  virtual std::string_view name() const noexcept = 0;
  virtual Category category() const noexcept = 0;
  /// The policies that its answers may name: the same from the first to the last call. [any]
  virtual std::span<const DeclaredPolicy> policies() const noexcept { return {}; }
  /// [loop] Answers through `question`, inside the call or later. `deadline_ns` (monotonic): the chain answers Failed
  /// by itself then and calls cancel(). Never throws.
  virtual void authorize(const Facts& facts, std::int64_t deadline_ns, Question& question) noexcept = 0;
  /// [loop] Nobody waits for that question any more (deadline, client gone): answered() must not be called for it.
  virtual void cancel(Question& question) noexcept = 0;
};

}  // namespace gatehouse::access
