// gatehouse/call.hpp -- the right and the duty to answer one request. Part of authorizer.hpp.
#pragma once
#include <gatehouse/answer.hpp>

#include <cstdint>
#include <exception>
#include <utility>

namespace gatehouse {
inline namespace sdk_1_0_draft_2 {

namespace detail {
inline std::int32_t send_failed(const gh_host* host, std::uint64_t call_id, const char* why) noexcept {
  gh_answer a{};
  a.struct_size = sizeof a;
  a.kind = GH_FAILED;
  a.reason = raw(why);
  return host->complete(host, call_id, &a);
}
}  // namespace detail

/// The right and the duty to answer one request, once. Dropping it answers "failed". Movable: hand it to a service of
/// the Host, which hands it back with what was asked for.
class Call {
 public:
  Call(const gh_host* host, std::uint64_t id) noexcept : host_(host), id_(id) {}
  Call(Call&& other) noexcept : host_(std::exchange(other.host_, nullptr)), id_(other.id_) {}
  Call& operator=(Call&& other) noexcept {
    if (this != &other) {
      drop();
      host_ = std::exchange(other.host_, nullptr);
      id_ = other.id_;
    }
    return *this;
  }
  ~Call() { drop(); }
  std::uint64_t id() const noexcept { return id_; }
  explicit operator bool() const noexcept { return host_ != nullptr; }
  /// After this the request may not be read any more. A second time does nothing.
  void complete(const Answer& answer) noexcept {
    if (const gh_host* host = std::exchange(host_, nullptr)) answer.send(host, id_);
  }
  void complete(const ReadyAnswer& answer) noexcept {
    if (const gh_host* host = std::exchange(host_, nullptr)) answer.send(host, id_);
  }
  /// Answers "failed"; takes no memory.
  void fail(const char* why) noexcept {
    if (const gh_host* host = std::exchange(host_, nullptr)) detail::send_failed(host, id_, why);
  }

 private:
  void drop() noexcept {
    fail(std::uncaught_exceptions() > 0 ? "an exception came before the answer: its text is in the log"
                                        : "the authorizer dropped the call without answering");
  }
  const gh_host* host_;
  std::uint64_t id_;
};

}  // namespace sdk_1_0_draft_2
}  // namespace gatehouse
