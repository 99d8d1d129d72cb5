#include "integration/path_template.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "base/text.hpp"

namespace gatehouse::integration {
namespace {

constexpr std::string_view kVariable = "${stageVariables.";

// RFC 3986, 3.3: what a path is made of.
bool is_path_char(char c) noexcept {
  if (base::is_digit(c) || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z')) return true;
  return std::string_view("-._~!$&'()*+,;=:@/").find(c) != std::string_view::npos;
}

bool is_path_text(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || base::hex_value(text[i + 1]) < 0 || base::hex_value(text[i + 2]) < 0) return false;
      i += 2;
    } else if (!is_path_char(text[i])) {
      return false;
    }
  }
  return true;
}

bool has_dot_segment(std::string_view path) noexcept {
  std::size_t dots = 0;
  bool only_dots = true;
  for (std::size_t i = 0; i <= path.size(); ++i) {
    if (i == path.size() || path[i] == '/') {
      if (only_dots && (dots == 1 || dots == 2)) return true;
      dots = 0;
      only_dots = true;
    } else if (path[i] == '.') {
      ++dots;
    } else if (base::equal_ignoring_case(path.substr(i, 3), "%2e")) {
      ++dots;
      i += 2;
    } else {
      only_dots = false;
    }
  }
  return false;
}

std::string_view find(std::span<const access::NamedValue> values, std::string_view name, bool& found) noexcept {
  for (const access::NamedValue& one : values) {
    if (one.name != name) continue;
    found = true;
    return one.value;
  }
  found = false;
  return {};
}

bool is_name(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return base::is_digit(c) || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z') || c == '_';
  });
}

/// What begins with two is read as an authority (RFC 3986, 4.2) by URL parsers.
std::string_view one_slash_in_front(std::string_view path) noexcept {
  while (path.starts_with("//")) path.remove_prefix(1);
  return path;
}

tl::unexpected<Error> bad(std::string_view text, std::string_view why) {
  return fail(Code::Invalid, "path `" + std::string(text) + "` " + std::string(why));
}

}  // namespace

Result<PathTemplate> PathTemplate::parse(std::string_view text, const std::vector<std::string>& parameters) {
  PathTemplate out;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::string_view rest = text.substr(at);
    Part part;
    std::size_t size = 0;
    if (rest.starts_with("${")) {
      const std::size_t close = rest.find('}');
      if (!rest.starts_with(kVariable) || close == std::string_view::npos)
        return bad(text, "has a `${` that does not begin `${stageVariables.NAME}`");
      part.kind = Part::Kind::Variable;
      part.text = rest.substr(kVariable.size(), close - kVariable.size());
      if (!is_name(part.text)) return bad(text, "has a stage variable whose name is not letters, digits and `_`");
      size = close + 1;
      out.judge_result_ = true;
    } else if (rest.front() == '{') {
      const std::size_t close = rest.find('}');
      if (close == std::string_view::npos) return bad(text, "has a `{` without `}`");
      part.kind = Part::Kind::Parameter;
      std::string_view name = rest.substr(1, close - 1);
      if (name.ends_with('+')) name.remove_suffix(1);
      part.text = name;
      if (std::find(parameters.begin(), parameters.end(), name) == parameters.end())
        return bad(text, "uses `{" + std::string(name) + "}`, which the route does not have");
      size = close + 1;
      const bool whole = at != 0 && text[at - 1] == '/' && (at + size == text.size() || text[at + size] == '/');
      out.judge_result_ = out.judge_result_ || !whole;
    } else {
      size = std::min({rest.find('{'), rest.find("${"), rest.size()});
      part.text = rest.substr(0, size);
      if (!is_path_text(part.text))
        return bad(text, "has a character that a path cannot have: escape it as `%XX`, and leave a query out");
    }
    out.parts_.push_back(std::move(part));
    if (out.parts_.size() > kMaxParts) return bad(text, "has too many parts");
    at += size;
  }
  if (out.parts_.empty()) return out;
  const Part& first = out.parts_.front();
  if (first.kind == Part::Kind::Parameter || (first.kind == Part::Kind::Literal && first.text.front() != '/'))
    return bad(text, "does not begin with `/`");
  if (out.parts_.size() == 1 && has_dot_segment(text)) return bad(text, "has a `.` or `..` segment");
  out.judge_result_ = out.judge_result_ || has_dot_segment(text);
  return out;
}

std::string_view PathTemplate::build(const access::Facts& facts, base::Arena& arena, std::string_view& what) const {
  const http::Target& target = *facts.target;
  const std::string_view mark = target.has_query ? "?" : "";
  const std::string_view query = target.has_query ? target.raw_query : std::string_view();
  if (parts_.empty()) {
    const std::string_view path = facts.api_path.empty() ? std::string_view("/") : one_slash_in_front(facts.api_path);
    return target.has_query ? arena.join({path, mark, query}) : path;
  }

  std::array<std::string_view, kMaxParts> values;
  std::size_t size = 0;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    bool found = true;
    switch (part.kind) {
      case Part::Kind::Literal:
        values[i] = part.text;
        break;
      case Part::Kind::Parameter:
        values[i] = find(facts.path_parameters, part.text, found);
        break;
      case Part::Kind::Variable:
        values[i] = find(facts.stage_variables, part.text, found);
        if (found && !is_path_text(values[i])) {
          what = "a stage variable in the integration's path is no path text";
          return {};
        }
        break;
    }
    if (!found) {
      what = part.kind == Part::Kind::Variable ? "a stage variable in the integration's path is missing"
                                               : "a parameter in the integration's path is missing";
      return {};
    }
    size += values[i].size();
  }
  const std::size_t path_size = size;
  char* const begin = static_cast<char*>(arena.allocate(size + mark.size() + query.size(), 1));
  char* to = begin;
  const auto put = [&](std::string_view text) {
    if (!text.empty()) std::memcpy(to, text.data(), text.size());
    to += text.size();
  };
  for (std::size_t i = 0; i < parts_.size(); ++i) put(values[i]);
  const std::string_view path(begin, path_size);
  if (judge_result_ && (!path.starts_with('/') || has_dot_segment(path))) {
    what = "the integration's path comes to one with a dot segment or without a leading slash";
    return {};
  }
  put(mark);
  put(query);
  return one_slash_in_front({begin, static_cast<std::size_t>(to - begin)});
}

}  // namespace gatehouse::integration
