#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "routing/table.hpp"

/// The slow, obvious router: all routes that match, sorted by the rules of spec/api-types sections 2 and 3.
namespace gatehouse::routing::naive {

using Segments = std::vector<std::string>;

inline Segments split(std::string_view path) {
  Segments out;
  std::string text(path.substr(1));
  for (std::size_t at = 0;;) {
    const std::size_t slash = text.find('/', at);
    out.push_back(text.substr(at, slash - at));
    if (slash == std::string::npos) return out;
    at = slash + 1;
  }
}

inline std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
    i += 2;
  }
  return out;
}

struct Found {
  std::size_t route = 0;
  std::vector<std::pair<std::string, std::string>> captures;
  bool operator==(const Found&) const = default;
};

inline bool has_semicolon(const std::string& text) {
  return text.find(';') != std::string::npos;
}
/// What servlet containers take for a segment's name.
inline std::string cut(const std::string& segment) {
  const std::string plain = segment.substr(0, segment.find(';'));
  return plain.substr(0, plain.find("%3B"));
}
/// Without the segments that are empty, or are once cut.
inline Segments bare(const Segments& path) {
  Segments out;
  for (const std::string& segment : path)
    if (!cut(segment).empty()) out.push_back(segment);
  return out;
}

/// What the pattern captures, or nothing when it does not match. `cuts`: segments are read as cut() has them, but for a
/// literal that has a `;` itself.
inline std::optional<std::vector<std::pair<std::string, std::string>>> match(const PathPattern& pattern,
                                                                             const Segments& path, bool cuts = false) {
  std::vector<std::pair<std::string, std::string>> captures;
  std::size_t i = 0;
  for (const Segment& s : pattern.segments) {
    if (i >= path.size()) return std::nullopt;
    if (s.kind == Segment::Kind::Greedy) {
      std::string rest;
      for (; i < path.size(); ++i) rest += path[i] + (i + 1 < path.size() ? "/" : "");
      while (!rest.empty() && rest.back() == '/') rest.pop_back();
      if (rest.empty()) return std::nullopt;
      captures.emplace_back(s.text, rest);
      return captures;
    }
    if (path[i].empty()) return std::nullopt;
    if (s.kind == Segment::Kind::Literal && decoded(cuts && !has_semicolon(s.text) ? cut(path[i]) : path[i]) != s.text)
      return std::nullopt;
    if (s.kind == Segment::Kind::Parameter) captures.emplace_back(s.text, path[i]);
    ++i;
  }
  if (i != path.size()) return std::nullopt;
  return captures;
}

/// Without parameter names: routes of the same shape match the same paths.
inline std::string shape(const PathPattern& pattern) {
  std::string out;
  for (const Segment& s : pattern.segments)
    out += s.kind == Segment::Kind::Literal ? "/" + s.text : s.kind == Segment::Kind::Parameter ? "/{}" : "/{+}";
  return out;
}
/// AT-13: less is more specific. A literal with `;` matters where segments are cut only.
inline std::vector<int> rank(const PathPattern& pattern) {
  std::vector<int> out;
  for (const Segment& s : pattern.segments)
    out.push_back(s.kind == Segment::Kind::Literal && has_semicolon(s.text) ? -1 : static_cast<int>(s.kind));
  return out;
}
inline bool is_greedy(const PathPattern& pattern) {
  return !pattern.segments.empty() && pattern.segments.back().kind == Segment::Kind::Greedy;
}

/// All routes that match the path, most specific resource first, on a resource the verb before ANY.
inline std::vector<std::size_t> matching(const std::vector<RouteKey>& keys, const Segments& path, bool cuts) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (!keys[i].is_default && match(keys[i].path, path, cuts)) out.push_back(i);
  std::stable_sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) {
    const auto left = rank(keys[a].path);
    const auto right = rank(keys[b].path);
    return left != right ? left < right : keys[a].any_method < keys[b].any_method;
  });
  return out;
}

inline Segments segments_of(std::string_view path) {
  return path == "/" ? Segments{} : split(path);
}

inline std::optional<Found> first(const std::vector<RouteKey>& keys, http::Method method, const Segments& path,
                                  const std::vector<std::size_t>& order, bool fallthrough, bool cuts) {
  for (const std::size_t i : order) {
    if (keys[i].any_method || keys[i].method == method) return Found{i, *match(keys[i].path, path, cuts)};
    if (fallthrough) continue;
    // Only the routes of the first resource count.
    for (const std::size_t j : order)
      if (shape(keys[j].path) == shape(keys[i].path) && (keys[j].any_method || keys[j].method == method))
        return Found{j, *match(keys[j].path, path, cuts)};
    return std::nullopt;
  }
  return std::nullopt;
}

inline std::optional<Found> rest(const std::vector<RouteKey>& keys, http::Method method, std::string_view path,
                                 bool fallthrough) {
  // AT-1D and section 2.3: slashes at the ends do not count.
  std::string inner(path);
  while (inner.size() > 1 && inner.back() == '/') inner.pop_back();
  while (inner.size() > 1 && inner[1] == '/') inner.erase(0, 1);
  const auto at = [&](const Segments& segments, bool cuts) {
    return first(keys, method, segments, matching(keys, segments, cuts), fallthrough, cuts);
  };
  const auto found = at(segments_of(inner), false);
  const auto other = at(bare(segments_of(inner)), true);
  if (found.has_value() != other.has_value() || (found && found->route != other->route)) return std::nullopt;
  return found;
}

inline std::optional<Found> http_api(const std::vector<RouteKey>& keys, http::Method method, std::string_view path) {
  const auto at = [&](const Segments& segments, bool cuts) -> std::optional<Found> {
    const std::vector<std::size_t> all = matching(keys, segments, cuts);
    // AT-22: full matches, greedy ones, $default.
    for (const bool greedy : {false, true}) {
      std::vector<std::size_t> order;
      for (const std::size_t i : all)
        if (is_greedy(keys[i].path) == greedy) order.push_back(i);
      if (auto found = first(keys, method, segments, order, true, cuts)) return found;
    }
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (keys[i].is_default) return Found{i, {}};
    return std::nullopt;
  };
  const auto found = at(segments_of(path), false);
  const auto other = at(bare(segments_of(path)), true);
  if (found.has_value() != other.has_value() || (found && found->route != other->route)) return std::nullopt;
  return found;
}

/// AT-11 and duplicates: whether these keys can stand together.
inline bool compatible(const std::vector<RouteKey>& keys, bool rest_api) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const RouteKey& a = keys[i];
      const RouteKey& b = keys[j];
      if (a.is_default || b.is_default) {
        if (a.is_default && b.is_default) return false;
        continue;
      }
      if (shape(a.path) == shape(b.path) && a.any_method == b.any_method && (a.any_method || a.method == b.method))
        return false;
      if (!rest_api) continue;
      for (std::size_t k = 0; k < std::min(a.path.segments.size(), b.path.segments.size()); ++k) {
        const Segment& x = a.path.segments[k];
        const Segment& y = b.path.segments[k];
        if (x.kind == y.kind && x.text == y.text) continue;
        if (x.kind != Segment::Kind::Literal && y.kind != Segment::Kind::Literal) return false;
        break;
      }
    }
  }
  return true;
}

}  // namespace gatehouse::routing::naive
