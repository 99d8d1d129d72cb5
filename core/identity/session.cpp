#include "identity/session.hpp"

#include "base/base64.hpp"
#include "identity/session_form.hpp"

namespace gatehouse::identity {

Result<std::string> seal_session(const Session& session, const KeyRing& ring, base::Random& random) {
  const base::Secret plain = pack(session);
  std::string out = base::base64(ring.seal(KeyRing::Purpose::Session, plain.reveal(), session.access_key_id, random));
  if (out.size() > kMaxTokenBytes)
    return fail(Code::Limit, "the session takes " + std::to_string(out.size()) + " of " +
                                 std::to_string(kMaxTokenBytes) + " bytes: pass fewer tags and a shorter policy");
  return out;
}

Result<Session> open_session(std::string_view token, std::string_view access_key_id, const KeyRing& ring) {
  // Padded and with nothing in between: one session has one token.
  const bool sized = !token.empty() && token.size() <= kMaxTokenBytes && token.size() % 4 == 0;
  const auto sealed = sized ? base::decode_base64(token) : std::nullopt;
  if (!sealed) return fail(Code::Invalid, "the session token is not base64 of at most 4096 characters");
  const auto plain = ring.open(KeyRing::Purpose::Session, *sealed, access_key_id);
  if (!plain) return tl::unexpected<Error>(plain.error());
  auto out = unpack(plain->reveal());
  if (out) out->access_key_id = access_key_id;
  return out;
}

}  // namespace gatehouse::identity
