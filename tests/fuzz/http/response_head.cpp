#include "fuzz.hpp"

using namespace gatehouse::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::judge_head<ResponseParser, ResponseHead>(data, size, [](const ResponseHead& head, std::string_view bytes) {
    fuzz::check(head.status >= 100 && head.status <= 599, "the status has three digits");
    fuzz::check(fuzz::inside(head.reason, bytes), "the phrase points into the bytes");
    fuzz::check(!(head.chunked && never_has_body(head.status)), "no body where there is none");
  });
  return 0;
}
