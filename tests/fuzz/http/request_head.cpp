#include "fuzz.hpp"

using namespace gatehouse::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::judge_head<RequestParser, RequestHead>(data, size, [](const RequestHead& head, std::string_view bytes) {
    fuzz::check(head.target == "*" || head.target.front() == '/', "the target is origin-form or `*`");
    fuzz::check(head.target == "/" || fuzz::inside(head.target, bytes), "the target points into the bytes");
    fuzz::check(fuzz::inside(head.authority, bytes), "the authority points into the bytes");
    fuzz::check(head.minor_version == 0 ? head.authority.empty() || is_valid_authority(head.authority)
                                        : is_valid_authority(head.authority),
                "the authority is valid");
    fuzz::check(head.headers.count(HeaderId::Host) <= 1, "one Host");
    for (const Header& h : head.headers)
      fuzz::check(!h.listed_in_connection || (h.id != HeaderId::Host && h.id != HeaderId::Authorization &&
                                              h.id != HeaderId::ContentLength && h.id != HeaderId::TransferEncoding),
                  "Connection cannot take away what the authorizers judge");
  });
  return 0;
}
