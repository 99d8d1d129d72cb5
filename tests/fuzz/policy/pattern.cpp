// A pattern, a line end, and a text: the matcher against one that tries everything.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "policy/pattern.hpp"

namespace {

using namespace gatehouse;

void require(bool holds) {
  if (!holds) std::abort();
}

std::size_t character(std::string_view text, std::size_t at) {
  const std::size_t size = base::utf8_sequence(text, at);
  return size == 0 ? 1 : size;
}

bool well_formed(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = base::utf8_sequence(text, at);
    if (size == 0) return false;
    at += size;
  }
  return true;
}

/// Row by row: which beginnings of the text the beginning of the pattern matches. `*` is of whole characters, as `?` is
/// (spec iam-policy 2.1): one that ended inside of a character would let `?` stand for a third of it.
bool naive(std::string_view pattern, std::string_view text) {
  std::vector<bool> row(text.size() + 1, false);
  row[0] = true;
  for (const char c : pattern) {
    std::vector<bool> next(text.size() + 1, false);
    for (std::size_t t = 0; t <= text.size(); ++t) {
      if (c == '*') {
        next[t] = next[t] || row[t];
        if (next[t] && t < text.size()) next[t + character(text, t)] = true;
      } else if (row[t] && t < text.size()) {
        if (c == '?')
          next[t + character(text, t)] = true;
        else if (c == text[t])
          next[t + 1] = true;
      }
    }
    row = std::move(next);
  }
  return row[text.size()];
}

class Given final : public policy::Context {
 public:
  explicit Given(std::string_view text) : text_(text) {}
  policy::Values find(const policy::KeyName& key) const override {
    if (key.lower == "k") return {{&text_, 1}, false};
    return {};
  }

 private:
  std::string_view text_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 600));
  const std::size_t end = all.find('\n');
  if (end == std::string_view::npos) return 0;
  const std::string_view pattern = all.substr(0, end), text = all.substr(end + 1);
  const policy::Pattern plain(pattern, {});
  // Documents are UTF-8; requests need not be.
  if (well_formed(pattern)) require(plain.match(text) == naive(pattern, text));
  require(!plain.is_everything() || plain.match(text));
  require(!plain.match(text) || text.starts_with(plain.prefix()));
  const policy::Pattern literal(pattern, {.wildcards = false});
  require(literal.match(text) == (pattern == text));
  // Folded: a text matches what it is the other case of. Half a character in a pattern matches inside of one by bytes,
  // but not folded, where the second byte of U+00C9 is that of U+00E9.
  const policy::Pattern folded(pattern, {.fold_case = true});
  if (well_formed(pattern) && plain.match(text)) require(folded.match(text));
  require(policy::equal_folded(pattern, text) == policy::equal_folded(text, pattern));
  // What a variable brings is literal, whatever it holds.
  const Given context(text);
  const policy::Pattern variables(pattern, {.variables = true});
  (void)variables.match(text, context);
  const policy::Pattern brought("a${k}b", {.variables = true});
  const std::string whole = "a" + std::string(text) + "b";
  require(brought.match(whole, context) ==
          (text.empty() ? policy::Pattern::Match::Unresolved : policy::Pattern::Match::Yes));
  if (!text.empty() && pattern != text)
    require(brought.match("a" + std::string(pattern) + "b", context) == policy::Pattern::Match::No);
  return 0;
}
