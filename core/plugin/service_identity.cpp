// gatehouse.identity/1: who is behind an access key, from what the worker remembers or from the store.
#include <algorithm>
#include <functional>
#include <new>
#include <utility>

#include "plugin/calls.hpp"
#include "plugin/looked_up.hpp"
#include "plugin/services.hpp"

namespace gatehouse::plugin {
namespace {

using identity::KeyStatus;
using identity::Lookups;

constexpr std::size_t kMaxKeyId = 128;  // as the STS and IAM models have it
constexpr std::size_t kMaxToken = 8'192;
constexpr std::size_t kMaxScopePart = 128;

std::uint32_t number(KeyStatus status) noexcept {
  switch (status) {
    case KeyStatus::Ok:
      return GH_KEY_OK;
    case KeyStatus::Unknown:
      return GH_KEY_UNKNOWN;
    case KeyStatus::Inactive:
      return GH_KEY_INACTIVE;
    case KeyStatus::BadToken:
      return GH_KEY_BAD_TOKEN;
    case KeyStatus::Expired:
      return GH_KEY_EXPIRED;
  }
  return GH_KEY_UNKNOWN;
}

gh_str str(std::string_view text) noexcept {
  return {text.data(), text.size()};
}

gh_key key_of(KeyStatus status, std::uint64_t handle, std::string_view signing_key,
              const access::KnownCaller* caller) noexcept {
  gh_key out{};
  out.struct_size = sizeof out;
  out.status = number(status);
  out.signing_key = str(signing_key);
  if (status == KeyStatus::Ok && caller != nullptr) {
    out.caller = handle;
    out.principal_arn = str(caller->arn);
  }
  return out;
}

/// The query, when it is one: texts of a length that some key could have.
bool read_query(const gh_key_query& from, Lookups::Query& out) noexcept {
  for (const gh_str* text : {&from.access_key_id, &from.session_token, &from.date, &from.region, &from.service})
    if (!is_text(text)) return false;
  out.access_key_id = view(from.access_key_id);
  if (from.session_token.ptr != nullptr) out.token = view(from.session_token);
  out.date = view(from.date);
  out.region = view(from.region);
  out.service = view(from.service);
  const auto has_nul = [](std::string_view text) { return text.find('\0') != std::string_view::npos; };
  return out.access_key_id.size() <= kMaxKeyId && (!out.token || out.token->size() <= kMaxToken) &&
         out.date.size() <= kMaxScopePart && out.region.size() <= kMaxScopePart &&
         out.service.size() <= kMaxScopePart && !has_nul(out.access_key_id);
}

}  // namespace

/// A look-up that waits: for the store, or for the loop when it was asked for elsewhere.
class KeyOperation final : public Operation, public Lookups::Waiter {
 public:
  KeyOperation(std::shared_ptr<Operations> home, std::shared_ptr<Instance::PerWorker> where,
               std::shared_ptr<Lookups> lookups, const Lookups::Query& query, gh_key_fn done, void* user)
      : home_(std::move(home)),
        where_(std::move(where)),
        lookups_(std::move(lookups)),
        access_key_id_(query.access_key_id),
        date_(query.date),
        region_(query.region),
        service_(query.service),
        done_(done),
        user_(user) {
    if (query.token) token_.emplace(*query.token);
  }

  /// [loop] For who asked on another thread.
  void begin(const std::shared_ptr<KeyOperation>& self) noexcept {
    if (stopped_) return;
    Lookups::Found now;
    Lookups::Answer answer = Lookups::Answer::Full;
    try {
      Lookups::Query query{access_key_id_, std::nullopt, date_, region_, service_};
      if (token_) query.token = *token_;
      answer = lookups_->find(where_->worker(), query, now, [&] { return std::shared_ptr<Waiter>(self); });
    } catch (const std::bad_alloc&) {
      // As if there were no room.
    }
    if (answer == Lookups::Answer::Later) return;
    found(answer == Lookups::Answer::Now ? &now : nullptr);
  }

  /// [loop] It was never opened: nobody is told.
  void give_up() noexcept { stopped_ = true; }

  void found(const Lookups::Found* found) noexcept override {
    if (stopped_) return;
    std::int32_t status = GH_E_FAILED;
    Call* const call = where_->table.find(call_id());
    if (found != nullptr && call != nullptr) {
      try {
        found_ = *found;
        handle_ = call->looked_up.set(call_id(), found_, service_, region_);
        status = GH_OK;
      } catch (const std::bad_alloc&) {
      }
    }
    home_->finish(*this, status);
  }

 private:
  void stop() noexcept override { stopped_ = true; }

  void call_back(std::int32_t status, std::uint32_t worker) override {
    if (Call* const call = where_->table.find(call_id()); call != nullptr) call->key_question.store(0);
    if (status != GH_OK) return done_(user_, status, nullptr, worker);
    const std::string_view key(reinterpret_cast<const char*>(found_.signing_key.data()), found_.signing_key.size());
    const gh_key out = key_of(found_.status, handle_, key, found_.caller.get());
    done_(user_, GH_OK, &out, worker);
  }

  const std::shared_ptr<Operations> home_;
  const std::shared_ptr<Instance::PerWorker> where_;
  const std::shared_ptr<Lookups> lookups_;
  const std::string access_key_id_, date_, region_, service_;
  std::optional<std::string> token_;
  const gh_key_fn done_;
  void* const user_;
  Lookups::Found found_;
  std::uint64_t handle_ = 0;
  bool stopped_ = false;  // [loop]
};

std::int32_t Instance::look_up(const gh_key_query& from, gh_key* out, gh_key_fn done, void* user) noexcept try {
  const std::shared_ptr<Lookups>& lookups = provisions_.lookups;
  if (lookups == nullptr) return GH_E_UNSUPPORTED;
  const std::uint64_t id = from.call_id;
  if (!CallTable::is_id(id) || CallTable::worker_of(id) >= per_worker_.size()) return GH_E_NOTFOUND;
  const std::uint32_t index = CallTable::worker_of(id);
  Call* const call = per_worker_[index]->table.find(id);
  if (call == nullptr) return GH_E_NOTFOUND;
  if (Call::state(call->word.load(std::memory_order_acquire)) != CallState::Open) return GH_E_GONE;
  Lookups::Query query;
  if (!read_query(from, query)) return GH_E_INVALID;
  std::uint64_t none = 0;
  if (!call->key_question.compare_exchange_strong(none, id)) return GH_E_STATE;

  const Workers::Worker& worker = workers_->all[index];
  const bool here = worker.mailbox != nullptr && worker.mailbox->is_current();
  std::shared_ptr<KeyOperation> op;
  std::int32_t opened = GH_OK;
  const auto waiter = [&]() -> std::shared_ptr<Lookups::Waiter> {
    op = std::make_shared<KeyOperation>(operations_, per_worker_[index], lookups, query, done, user);
    opened = operations_->open(id, op);
    return op;
  };
  Lookups::Answer answer = Lookups::Answer::Later;
  Lookups::Found found;
  if (here) {
    answer = lookups->find(index, query, found, std::cref(waiter));  // by reference: nothing is allocated for it
  } else {
    const auto self = op = std::make_shared<KeyOperation>(operations_, per_worker_[index], lookups, query, done, user);
    opened = operations_->open(id, op);
    if (opened == GH_OK && (worker.mailbox == nullptr || !worker.mailbox->post([self] { self->begin(self); }))) {
      operations_->forget(*op);
      opened = GH_E_STATE;
    }
  }
  if (answer == Lookups::Answer::Later && opened == GH_OK) {
    operations_->returning(*op);
    return GH_PENDING;
  }
  call->key_question.store(0);
  if (op != nullptr) op->give_up();
  if (answer == Lookups::Answer::Later) return opened;
  if (answer == Lookups::Answer::Full) return GH_E_LIMIT;
  if (answer == Lookups::Answer::Lost) return GH_E_FAILED;
  const std::uint64_t handle = call->looked_up.set(id, found, query.service, query.region);
  const gh_key key = key_of(found.status, handle, call->looked_up.key(), call->looked_up.caller());
  const std::uint32_t size = out->struct_size;
  std::copy_n(reinterpret_cast<const char*>(&key), std::min<std::size_t>(size, sizeof key),
              reinterpret_cast<char*>(out));
  out->struct_size = size;
  return GH_OK;
} catch (...) {
  return GH_E_LIMIT;  // out of memory: the question stays open, and the call fails by it
}

bool Instance::name_caller(Call& call, const gh_answer* from, access::Answer& out) noexcept try {
  const auto refuse = [&](std::string_view why) {
    out = access::Answer::failed("invalid_answer", why);
    return false;
  };
  if (!GH_HAS(from, caller) || from->caller == 0)
    return !out.slashes_collapsed || refuse("the plugin's answer: `path_form` goes with `caller` only");
  if (out.kind != access::AnswerKind::Allow) return refuse("the plugin's answer: `caller` goes with allow only");
  if (!out.principal_id.empty() || !out.policies.empty())
    return refuse("the plugin's answer: `caller` stands alone: the gateway knows principal and policies");
  std::string service, region;
  std::shared_ptr<const access::KnownCaller> caller = call.looked_up.get(from->caller, service, region);
  if (caller == nullptr) return refuse("the plugin's answer: `caller` is of no look-up of this call");
  provisions_.lookups->used(*caller, service, region);
  out.caller = caller.get();
  out.principal_id = caller->user_id;
  out.reason = caller->arn;  // of an allow: who it is, for explain
  out.holds = std::move(caller);
  return true;
} catch (...) {
  out = access::Answer::failed("memory", "out of memory");
  return false;
}

namespace {

std::int32_t GH_CALL lookup(const gh_host* host, const gh_key_query* query, gh_key* out, gh_key_fn done,
                            void* user) noexcept {
  if (host == nullptr || done == nullptr || !GH_HAS(query, service) || !GH_HAS(out, principal_arn)) return GH_E_INVALID;
  return Instance::of(host).look_up(*query, out, done, user);
}

}  // namespace

const gh_identity kIdentityService = {sizeof(gh_identity), 0, &lookup};

}  // namespace gatehouse::plugin
