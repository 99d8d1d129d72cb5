#include "client/request_head.hpp"

#include <cassert>
#include <charconv>
#include <cstring>

namespace gatehouse::client {
namespace {

using http::HeaderId;

// The longest of the lines that we add ourselves: version, `Host: `, framing, the ends.
constexpr std::size_t kOwnBytes = 128;

bool is_own(const http::Header& header) noexcept {
  switch (header.id) {
    case HeaderId::Host:
    case HeaderId::ContentLength:
    case HeaderId::Expect:
      return true;
    default:
      return http::is_hop_by_hop(header);
  }
}

[[maybe_unused]] bool one_line(std::string_view text) noexcept {
  for (char c : text)
    if (c == '\r' || c == '\n' || c == '\0') return false;
  return true;
}

char* put(char* at, std::string_view text) noexcept {
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

}  // namespace

Framing Framing::of(const OutboundRequest& request) noexcept {
  Framing out;
  if (request.body == nullptr) return out;
  const std::int64_t length = request.body->length();
  if (length < 0) {
    out.kind = Kind::Chunked;
  } else if (length > 0) {
    out.kind = Kind::Length;
    out.length = length;
  }
  return out;
}

std::size_t request_head_size(const OutboundRequest& request, std::string_view host) noexcept {
  std::size_t size = kOwnBytes + request.target.size() + host.size();
  if (request.headers != nullptr)
    for (const http::Header& header : *request.headers) size += header.name.size() + header.value.size() + 4;
  return size;
}

void write_request_head(const OutboundRequest& request, std::string_view host, const Framing& framing,
                        net::Buffer& out) noexcept {
  assert(out.room().size() >= request_head_size(request, host));
  assert(one_line(request.target) && one_line(host));
  char* const begin = out.room().data();
  char* at = put(begin, http::name(request.method));
  *at++ = ' ';
  at = put(at, request.target.empty() ? std::string_view("/") : request.target);
  at = put(at, " HTTP/1.1\r\nHost: ");
  at = put(at, host);
  at = put(at, "\r\n");
  if (request.headers != nullptr) {
    for (const http::Header& header : *request.headers) {
      if (is_own(header)) continue;
      assert(one_line(header.name) && one_line(header.value));
      at = put(at, header.name);
      *at++ = ':';
      *at++ = ' ';
      at = put(at, header.value);
      *at++ = '\r';
      *at++ = '\n';
    }
  }
  switch (framing.kind) {
    case Framing::Kind::None:
      // RFC 9110, 8.6: a method that usually has a body says that this time there is none.
      if (request.method == http::Method::Post || request.method == http::Method::Put ||
          request.method == http::Method::Patch)
        at = put(at, "Content-Length: 0\r\n");
      break;
    case Framing::Kind::Length:
      at = put(at, "Content-Length: ");
      at = std::to_chars(at, at + 20, framing.length).ptr;
      at = put(at, "\r\n");
      break;
    case Framing::Kind::Chunked:
      at = put(at, "Transfer-Encoding: chunked\r\n");
      break;
  }
  at = put(at, "\r\n");
  out.filled(static_cast<std::size_t>(at - begin));
}

}  // namespace gatehouse::client
