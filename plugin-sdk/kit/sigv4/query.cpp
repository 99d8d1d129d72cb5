#include <gatehouse/kit/sigv4/encode.hpp>
#include <gatehouse/kit/sigv4/query.hpp>

#include <algorithm>

#include "hex.hpp"

namespace gatehouse::kit::sigv4 {

namespace {

/// Decodes and encodes in one go. A byte that comes as it is and stays so is copied with its neighbours.
void append_again(std::string& out, std::string_view text) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (is_unreserved(text[i])) {
      ++i;
      continue;
    }
    out.append(text.data() + begin, i - begin);
    char byte = text[i];
    std::size_t size = 1;
    if (byte == '%') {
      byte = escaped_byte(text, i);
      size = 3;
    } else if (byte == '+') {
      byte = ' ';
    }
    if (is_unreserved(byte))
      out += byte;
    else
      append_escape(out, byte);
    i += size;
    begin = i;
  }
  out.append(text.data() + begin, text.size() - begin);
}

}  // namespace

bool next_parameter(std::string_view& rest, std::string_view& name, std::string_view& value) noexcept {
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    if (part.empty()) continue;
    const std::size_t equals = std::min(part.find('='), part.size());
    name = part.substr(0, equals);
    value = part.substr(std::min(equals + 1, part.size()));
    return true;
  }
  return false;
}

bool is_named(std::string_view raw, std::string_view name) noexcept {
  if (raw.size() <= name.size()) return raw == name;  // an escape would make it longer
  std::size_t i = 0;
  for (const char wanted : name) {
    if (i >= raw.size()) return false;
    char c = raw[i++];
    if (c == '%') {
      if (i + 1 >= raw.size()) return false;
      c = escaped_byte(raw, i - 1);
      i += 2;
    } else if (c == '+') {
      c = ' ';
    }
    if (c != wanted) return false;
  }
  return i == raw.size();
}

void CanonicalQuery::append(std::string& out, std::string_view raw_query, bool without_signature) {
  encoded_.clear();
  parameters_.clear();
  std::string_view name, value;
  bool sorted = true;
  const auto name_of = [this](const Parameter& p) { return std::string_view(encoded_.data() + p.at, p.name); };
  const auto value_of = [this](const Parameter& p) {
    return std::string_view(encoded_.data() + p.at + p.name, p.value);
  };
  const auto before = [&](const Parameter& a, const Parameter& b) {
    const int order = name_of(a).compare(name_of(b));
    return order != 0 ? order < 0 : value_of(a) < value_of(b);
  };
  while (next_parameter(raw_query, name, value)) {
    if (without_signature && is_named(name, "X-Amz-Signature")) {
      without_signature = false;
      continue;
    }
    Parameter one{static_cast<std::uint32_t>(encoded_.size()), 0, 0};
    append_again(encoded_, name);
    one.name = static_cast<std::uint32_t>(encoded_.size()) - one.at;
    append_again(encoded_, value);
    one.value = static_cast<std::uint32_t>(encoded_.size()) - one.at - one.name;
    sorted = sorted && (parameters_.empty() || !before(one, parameters_.back()));
    parameters_.push_back(one);
  }
  if (!sorted) std::sort(parameters_.begin(), parameters_.end(), before);
  bool first = true;
  for (const Parameter& one : parameters_) {
    if (!first) out += '&';
    first = false;
    out += name_of(one);
    out += '=';
    out += value_of(one);
  }
}

}  // namespace gatehouse::kit::sigv4
