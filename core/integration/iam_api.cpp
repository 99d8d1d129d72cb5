#include "integration/iam_api.hpp"

#include "identity/operation.hpp"
#include "integration/iam_guard.hpp"
#include "integration/query_refusal.hpp"

namespace gatehouse::integration {
namespace {

using identity::Fault;
using identity::Input;
using identity::Operation;
using identity::OperationContext;
using Kind = policy::Caller::Kind;

constexpr std::size_t kMostOfNote = 512;

/// What was done, or tried, and by whom: the log is the account's trail.
std::string note(std::string_view action, const ServiceRequest& request) {
  std::string out(action);
  if (request.caller != nullptr && !action.empty()) out += " by " + request.caller->arn;
  return out;
}

ServiceResponse error(const Fault& fault, const ServiceRequest& request, std::string_view action) {
  Fault said = fault;
  // A store that cannot be written to: IAM's API has no word of its own for it.
  if (said.code == "ReadOnly") said.code = "UnmodifiableEntity";
  ServiceResponse out = query_error(kIamQuery, said, request.request_id);
  out.log_note = note(action, request);
  out.log_note += (out.log_note.empty() ? "" : ": ") + said.code + " " + said.message;
  if (out.log_note.size() > kMostOfNote) out.log_note.resize(kMostOfNote);
  // Messages quote strangers, and a line of the log is one line.
  for (char& c : out.log_note)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return out;
}

OperationContext::Who who(const access::KnownCaller& caller) noexcept {
  return caller.kind == Kind::User   ? OperationContext::Who::User
         : caller.kind == Kind::Root ? OperationContext::Who::Root
                                     : OperationContext::Who::Session;
}

}  // namespace

ServiceResponse IamApi::answer(const ServiceRequest& request) const {
  if (request.caller == nullptr || request.caller->kind == Kind::Anonymous)
    return error({"MissingAuthenticationToken", "Request is missing Authentication Token"}, request, {});
  const access::KnownCaller& caller = *request.caller;
  const auto call = parse_query(kIamQuery, request);
  if (!call) return error(call.error(), request, {});
  const Operation* const operation = identity::find_operation(call->action);
  if (operation == nullptr || operation->is(Operation::kCliOnly))
    return error({"InvalidAction", "Could not find operation " + call->action.substr(0, 128) + " for version " +
                                       std::string(kIamQuery.version)},
                 request, {});
  if (caller.from_session_token && !caller.mfa)
    return error({"InvalidClientTokenId", "The security token included in the request is invalid"}, request,
                 call->action);
  const auto input = Input::check(*operation, call->parameters, Input::Door::Api);
  if (!input) return error(input.error(), request, call->action);

  base::SystemRandom random;
  OperationContext context;
  context.account = caller.account;
  context.region = request.region;
  context.who = who(caller);
  context.user_id = caller.principal_id;
  context.now = request.unix_ms / 1'000;
  context.random = &random;
  const IamGuard guard(request);
  const auto result = identity::perform(*operation, *input, context, *store_, &guard);
  if (!result) return error(result.error(), request, call->action);
  ServiceResponse out = query_response(
      kIamQuery, operation->name, operation->is(Operation::kGivesNothing) ? nullptr : &*result, request.request_id);
  out.log_note = note(operation->name, request);
  return out;
}

ServiceResponse IamApi::refused(const ServiceRefusal& refusal) const {
  return query_refused(kIamQuery, refusal);
}

}  // namespace gatehouse::integration
