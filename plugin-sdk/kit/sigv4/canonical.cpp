#include <gatehouse/kit/sigv4/canonical.hpp>
#include <gatehouse/kit/sigv4/path.hpp>
#include <gatehouse/text.hpp>

#include <algorithm>

namespace gatehouse::kit::sigv4 {

namespace {

bool is_blank(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is(const gh_str& given, std::string_view name) noexcept {
  return given.len == name.size() && std::char_traits<char>::compare(given.ptr, name.data(), name.size()) == 0;
}

}  // namespace

void append_trimmed(std::string& out, std::string_view value) {
  std::size_t at = 0;
  while (at < value.size() && is_blank(value[at])) ++at;
  while (at < value.size()) {
    const std::size_t begin = at;
    while (at < value.size() && !is_blank(value[at])) ++at;
    out.append(value.data() + begin, at - begin);
    while (at < value.size() && is_blank(value[at])) ++at;
    if (at < value.size()) out += ' ';
  }
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
  for (const std::string_view part : {region, service, kTerminator}) key = hasher.hmac(bytes_of(key), part);
  return key;
}

}  // namespace gatehouse::kit::sigv4
