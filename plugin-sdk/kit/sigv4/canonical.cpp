#include <gatehouse/kit/sigv4/canonical.hpp>
#include <gatehouse/kit/sigv4/encode.hpp>
#include <gatehouse/kit/sigv4/path.hpp>
#include <gatehouse/text.hpp>

#include <cstdint>
#include <cstring>

namespace gatehouse::kit::sigv4 {

namespace {

bool is_blank(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool has_byte_below_0x21(std::uint64_t word) noexcept {
  constexpr std::uint64_t kOnes = ~std::uint64_t{0} / 255;
  return ((word - kOnes * 0x21) & ~word & kOnes * 0x80) != 0;
}

bool is(const gh_str& given, std::string_view name) noexcept {
  return given.len == name.size() && !name.empty() && given.ptr[given.len - 1] == name.back() &&
         std::memcmp(given.ptr, name.data(), name.size()) == 0;
}

}  // namespace

void append_trimmed(std::string& out, std::string_view value) {
  while (!value.empty() && is_blank(value.front())) value.remove_prefix(1);
  while (!value.empty() && is_blank(value.back())) value.remove_suffix(1);
  // Written in place: what comes out is not longer than what goes in.
  const std::size_t before = out.size();
  out.resize(before + value.size());
  char* to = out.data() + before;
  const char* from = value.data();
  const char* const end = from + value.size();
  while (from < end) {
    // Eight bytes at a time as long as no blank is among them.
    for (; end - from >= 8; from += 8, to += 8) {
      std::uint64_t word;
      std::memcpy(&word, from, 8);
      std::memcpy(to, &word, 8);
      if (has_byte_below_0x21(word)) break;
    }
    for (; from < end && !is_blank(*from); ++from) *to++ = *from;
    if (from == end) break;
    *to++ = ' ';
    while (is_blank(*from)) ++from;  // the last byte is none
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
}

void append_canonical_headers(std::string& out, const std::vector<std::string_view>& signed_names,
                              const Request& request) {
  for (const std::string_view name : signed_names) {
    out += name;
    out += ':';
    // What is routed is the authority: an absolute-form target has one beside which Host says nothing (RFC
    // 9112, 3.2.2).
    if (!request.authority.empty() && (name == "host" || name == ":authority")) {
      append_trimmed(out, request.authority);
      out += '\n';
      continue;
    }
    bool found = false;
    for (std::size_t i = 0; i < request.headers.count; ++i) {
      const gh_kv& header = request.headers.items[i];
      if (!is(header.key, name)) continue;
      if (found) out += ',';
      found = true;
      append_trimmed(out, view(header.val));
    }
    out += '\n';
  }
}

void CanonicalRequest::write(const Request& request, const std::vector<std::string_view>& signed_names,
                             bool without_signature, const Digest& payload) {
  tail_.clear();
  query_.append(tail_, request.raw_query, without_signature);
  tail_ += '\n';
  append_canonical_headers(tail_, signed_names, request);
  tail_ += '\n';
  for (std::size_t i = 0; i < signed_names.size(); ++i) {
    if (i != 0) tail_ += ';';
    tail_ += signed_names[i];
  }
  tail_ += '\n';
  append_hex(tail_, payload);
}

void CanonicalRequest::path(std::string_view method, std::string_view path) {
  head_.assign(method.data(), method.size());
  head_ += '\n';
  append_canonical_path(head_, path);
  head_ += '\n';
}

void CanonicalRequest::path_encoded_once(std::string_view method, std::string_view path) {
  head_.assign(method.data(), method.size());
  head_ += '\n';
  for (std::size_t at = 0; at <= path.size();) {
    const std::string_view part = path.substr(at, path.find('%', at) - at);
    append_encoded(head_, part, true);
    at += part.size() + 1;
    if (at <= path.size()) head_ += '%';
  }
  head_ += '\n';
}

void append_string_to_sign(std::string& out, std::string_view timestamp, std::string_view scope,
                           const Digest& canonical_request) {
  out += kAlgorithm;
  out += '\n';
  out += timestamp;
  out += '\n';
  out += scope;
  out += '\n';
  append_hex(out, canonical_request);
}

Digest signing_key(Hasher& hasher, std::string_view secret, std::string_view date, std::string_view region,
                   std::string_view service) {
  std::string first = "AWS4";
  first += secret;
  Digest key = hasher.hmac(first, date);
  for (volatile char* p = first.data(); p != first.data() + first.size(); ++p) *p = 0;
  for (const std::string_view part : {region, service, kTerminator}) {
    Digest next = hasher.hmac(bytes_of(key), part);
    key.swap(next);
    wipe(next);
  }
  return key;
}

}  // namespace gatehouse::kit::sigv4
