// A path and a query of a stranger's, made canonical.
#include <gatehouse/kit/sigv4/canonical.hpp>
#include <gatehouse/kit/sigv4/encode.hpp>
#include <gatehouse/kit/sigv4/path.hpp>

#include <algorithm>
#include <cstdint>
#include <string>

#include "require.hpp"

namespace {

using namespace gatehouse::kit::sigv4;

bool is_plain(const std::string& text, const char* more) {
  const std::string allowed = std::string("-._~%") + more;
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           allowed.find(c) != std::string::npos;
  });
}

void judge_path(const std::string& path) {
  std::string out;
  append_canonical_path(out, path);
  require(is_plain(out, "/") && out.size() <= 3 * path.size() + 1, "a canonical path is plain");
  std::string normalised, again;
  if (path.empty() || path[0] != '/') return;
  if (!normalise_as_signers_do(path, normalised)) {
    require(path.find("//") == std::string::npos, "slashes are seen");
    normalised = path;
  }
  require(!normalised.empty() && normalised[0] == '/' && normalised.size() <= path.size(), "still a path");
  require(!normalise_as_signers_do(normalised, again), "once is enough");
  if (find_bad_escape(path) == std::string::npos && path.find('%') == std::string::npos)
    require(form_of(path, path) == GH_PATH_NORMALISED, "a path is itself");
}

void judge_query(const std::string& query) {
  if (find_bad_escape(query) != std::string::npos) return;
  CanonicalQuery canonical;
  std::string out, again;
  canonical.append(out, query, false);
  require(is_plain(out, "=&") && out.size() <= 4 * query.size() + 1, "a canonical query is plain");
  canonical.append(again, out, false);
  require(again == out, "and is its own canonical form");
  std::string less;
  canonical.append(less, query, true);
  require(less.size() <= out.size(), "without the signature it is not longer");
  require(less.size() == out.size() || out.find("X-Amz-Signature=") != std::string::npos, "nothing else is left out");
  std::string trimmed;
  append_trimmed(trimmed, query);
  require(trimmed.size() <= query.size() && trimmed.find("  ") == std::string::npos, "a trimmed value");
  again.clear();
  append_trimmed(again, trimmed);
  require(again == trimmed, "stays so");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::size_t mark = std::min(text.find('?'), text.size());
  judge_path(text.substr(0, mark));
  judge_query(mark < text.size() ? text.substr(mark + 1) : text);
  return 0;
}
