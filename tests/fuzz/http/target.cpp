#include "http/target.hpp"

#include "fuzz.hpp"

using namespace gatehouse::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const fuzz::Exact bytes({reinterpret_cast<const char*>(data) + 1, size - 1});
  const PathRules rules{(data[0] & 1) == 0 ? PathRules::Dots::Reject : PathRules::Dots::Remove,
                        (data[0] & 2) == 0 ? PathRules::EncodedSlash::Reject : PathRules::EncodedSlash::Keep};
  gatehouse::base::Arena arena;
  const auto target = parse_target(bytes.view(), rules, arena);
  if (!target) {
    fuzz::check(!target.error().text.empty(), "a refusal says why");
    return 0;
  }
  fuzz::check(target->path.front() == '/', "a path begins with a slash");
  fuzz::check(target->path.size() <= target->wire_path.size() && fuzz::inside(target->wire_path, bytes.view()) &&
                  fuzz::inside(target->raw_query, bytes.view()),
              "normalising never lengthens");
  for (const char c : target->path) fuzz::check(c > ' ' && c < 0x7F && c != '\\' && c != '#' && c != '?', "path bytes");
  // Whatever the rules were, nothing that they would act on is left.
  PathRules again_rules = rules;
  again_rules.dot_segments = PathRules::Dots::Reject;
  const auto again = parse_target(target->path, again_rules, arena);
  fuzz::check(again.has_value() && again->path == target->path && !again->has_query,
              "normalising twice is normalising once");
  static_cast<void>(is_encoded_query(target->raw_query));
  return 0;
}
