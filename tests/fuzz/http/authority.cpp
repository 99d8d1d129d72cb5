#include "fuzz.hpp"

using namespace gatehouse::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Exact bytes({reinterpret_cast<const char*>(data), size});
  const std::string_view text = bytes.view();
  static_cast<void>(header_id(text));
  static_cast<void>(has_token(text, "close"));
  if (!is_valid_authority(text)) return 0;
  fuzz::check(!text.empty() && text.size() <= 255, "a valid authority is bounded");
  for (const char c : text)
    fuzz::check(
        c > ' ' && c < 0x7F && c != '/' && c != '?' && c != '#' && c != '@' && c != '\\' && c != '%' && c != '"',
        "a valid authority holds nothing that could end it");
  // It survives as a Host and as the authority of an absolute-form target, and is read back unchanged.
  const std::string head = "GET http://" + std::string(text) + "/x HTTP/1.1\r\nHost: " + std::string(text) + "\r\n\r\n";
  RequestParser parser;
  RequestHead out;
  ParseFault fault;
  fuzz::check(parser.parse(head, {}, out, fault) == ParseState::Complete, "a valid authority makes a good request");
  fuzz::check(out.authority == text && out.headers.value(HeaderId::Host) == text && out.target == "/x", "unchanged");
  return 0;
}
