#include "access/event/fields.hpp"

#include <algorithm>
#include <cstring>

#include "access/query.hpp"
#include "base/short_text.hpp"
#include "base/text.hpp"

namespace gatehouse::access::event {
namespace {

std::string_view lower(std::string_view text, base::Arena& arena) {
  char* const out = static_cast<char*>(arena.allocate(text.size(), 1));
  std::transform(text.begin(), text.end(), out, base::to_lower);
  return {out, text.size()};
}

// As it will read in JSON: two names must not become the same there.
std::string_view readable(std::string_view text, base::Arena& arena) {
  if (base::is_plain(text) || base::is_utf8(text)) return text;
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  char* const out = static_cast<char*>(arena.allocate(text.size() * kReplacement.size(), 1));
  std::size_t size = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t n = base::utf8_sequence(text, at);
    const std::string_view piece = n != 0 ? text.substr(at, n) : kReplacement;
    std::memcpy(out + size, piece.data(), piece.size());
    size += piece.size();
    at += std::max<std::size_t>(n, 1);
  }
  return {out, size};
}

// By sorting: a hash would let a client choose names that collide.
void link(std::span<Field> fields, base::Arena& arena) {
  const auto order = arena.array<std::uint32_t>(fields.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const int compared = fields[a].key.compare(fields[b].key);
    return compared != 0 ? compared < 0 : a < b;
  });
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    Field& first = fields[order[begin]];
    for (end = begin + 1; end < order.size() && fields[order[end]].key == first.key; ++end) {
      fields[order[end]].first = false;
      fields[order[end - 1]].next = order[end];
    }
    first.last = order[end - 1];
  }
}

}  // namespace

bool is_shown(const http::Header& header) noexcept {
  return !header.listed_in_connection || header.id == http::HeaderId::Upgrade;
}

std::span<Field> header_fields(const http::Headers& headers, base::Arena& arena) {
  const auto all = headers.all();
  const auto out = arena.array<Field>(static_cast<std::size_t>(std::count_if(all.begin(), all.end(), is_shown)));
  std::size_t i = 0;
  for (const http::Header& header : all) {
    if (!is_shown(header)) continue;
    Field& field = out[i++];
    field.key = lower(header.name, arena);
    field.value = header.value;
    field.shown = header.name.data();
  }
  link(out, arena);
  return out;
}

std::span<Field> query_fields(std::string_view raw_query, bool semicolons, base::Arena& arena) {
  RawParameter parameter;
  std::size_t count = 0;
  for (std::string_view rest = raw_query; next_parameter(rest, semicolons, parameter);) ++count;
  const auto out = arena.array<Field>(count);
  for (Field& field : out) {
    next_parameter(raw_query, semicolons, parameter);
    field.key = readable(form_decode(parameter.name, arena), arena);
    field.value = form_decode(parameter.value, arena);
    field.shown = field.key.data();
  }
  link(out, arena);
  return out;
}

std::span<const std::string_view> cookies(const http::Headers& headers, base::Arena& arena) {
  const auto each = [&](auto&& take) {
    for (const http::Header& header : headers) {
      if (header.id != http::HeaderId::Cookie || !is_shown(header)) continue;
      for (std::string_view rest = header.value; !rest.empty();) {
        const std::size_t end = std::min(rest.find(';'), rest.size());
        if (const std::string_view part = base::trim(rest.substr(0, end)); !part.empty()) take(part);
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
    }
  };
  std::size_t count = 0;
  each([&](std::string_view) { ++count; });
  const auto out = arena.array<std::string_view>(count);
  std::size_t i = 0;
  each([&](std::string_view part) { out[i++] = part; });
  return out;
}

}  // namespace gatehouse::access::event
