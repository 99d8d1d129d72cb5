// Requests that nobody here wrote (nodejs/llhttp's strict tests) through RequestParser and ChunkedDecoder.
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "http/parser.hpp"

namespace gatehouse::http {
namespace {

enum class Outcome { Accepted, Refused, Waiting };

struct Vector {
  std::string file, name, raw;
  bool error = false;
  std::string error_reason;
};

/// A case that we judge otherwise, and why that is right. The name's last part is enough.
struct Disagreement {
  const char* file;
  const char* name;
  const char* reason;
};

// llhttp takes these, we do not.
constexpr Disagreement kWeRefuse[] = {
    {"method.md", "REPORT request", "501: not one of the seven methods (spec AT-12)"},
    {"method.md", "CONNECT request", "501"},
    {"method.md", "CONNECT request with CAPS", "501"},
    {"method.md", "CONNECT with body", "501"},
    {"method.md", "M-SEARCH request", "501"},
    {"method.md", "PURGE request", "501"},
    {"method.md", "SEARCH request", "501"},
    {"method.md", "LINK request", "501, also for UNLINK"},
    {"method.md", "SOURCE request", "501"},
    {"method.md", "SOURCE request with ICE", "400: not HTTP"},
    {"method.md", "OPTIONS request with RTSP", "400: not HTTP"},
    {"method.md", "ANNOUNCE request with RTSP", "400: not HTTP"},
    {"method.md", "PRI request HTTP2", "501"},
    {"method.md", "QUERY request", "501"},
    {"uri.md", "Underscore in hostname", "501: CONNECT"},
    {"sample.md", "No HTTP version", "400: HTTP/0.9 has no headers to authorize by"},
    {"transfer-encoding.md", "POST with `chunked` as last transfer-encoding", "400: only exactly `chunked`"},
    {"transfer-encoding.md", "POST with `chunked` as last transfer-encoding (multiple headers)", "400: the same"},
    {"connection.md", "Restarting when keep-alive is explicitly", "400: the second request has no Host"},
    {"pipelining.md", "Should parse multiple events", "400: the same"},
    {"uri.md", "Host terminated by a query string", "400: the query has no path in front"},
    {"uri.md", "`host:port` terminated by a query string", "400: the same"},
    {"uri.md", "`host:port` terminated by a space", "400: the target names another host than Host"},
    {"uri.md", "Fragment in URI", "400: a fragment is no part of a target (RFC 9112, 3.2)"},
    {"uri.md", "`host:port` and basic auth", "400: user information (RFC 9110, 4.2.4)"},
};

// llhttp refuses these, the server has answered before: it discards what follows (RFC 9112, 9.6).
constexpr Disagreement kServerDiscards[] = {
    {"connection.md", "No restart when keep-alive is off (1.0)", "data behind the last request"},
    {"connection.md", "CRLF between requests, explicit `close`", "data behind the last request"},
    {"connection.md", "CRLF between requests, explicit `close` followed by tab", "data behind the last request"},
};

std::string from_base64(std::string_view text) {
  std::string out;
  unsigned bits = 0;
  int have = 0;
  for (const char c : text) {
    const std::size_t value =
        std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/").find(c);
    if (value == std::string_view::npos) break;
    bits = bits << 6 | static_cast<unsigned>(value);
    have += 6;
    if (have < 8) continue;
    have -= 8;
    out.push_back(static_cast<char>(bits >> have & 0xFF));
  }
  return out;
}

std::filesystem::path vector_file() {
  const char* const folder = std::getenv("GATEHOUSE_VECTORS");
  const std::filesystem::path root =
      folder != nullptr ? std::filesystem::path(folder) : std::filesystem::path(GATEHOUSE_SOURCE) / "../shared/vectors";
  return root / "http/llhttp-requests.json";
}

std::vector<Vector> load(std::istream& in) {
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  rapidjson::Document document;
  document.Parse(text.data(), text.size());
  std::vector<Vector> out;
  if (document.HasParseError()) return out;
  for (const auto& c : document["cases"].GetArray()) {
    if (std::string_view(c["type"].GetString()) != "request") continue;
    const char* const key = c.HasMember("raw_host_b64") && c["raw_host_b64"].IsString() ? "raw_host_b64" : "raw_b64";
    Vector v{c["file"].GetString(),
             c["name"].GetString(),
             from_base64(c[key].GetString()),
             std::string_view(c["expect"].GetString()) == "error",
             {}};
    if (c["error"].IsObject()) v.error_reason = c["error"]["reason"].GetString();
    out.push_back(std::move(v));
  }
  return out;
}

/// Reads messages off a connection until it refuses, waits or ends, `step` bytes arriving at a time. A connection that
/// must close is read no further.
Outcome run(std::string_view raw, std::size_t step) {
  std::size_t at = 0;
  std::size_t arrived = 0;
  int complete = 0;
  const auto more = [&] {
    if (arrived == raw.size()) return false;
    arrived = std::min(raw.size(), arrived + step);
    return true;
  };
  for (;;) {
    RequestParser parser;
    RequestHead head;
    ParseFault fault;
    ParseState state = ParseState::NeedMore;
    while (state == ParseState::NeedMore) {
      if (!more()) break;
      state = parser.parse(raw.substr(at, arrived - at), {}, head, fault);
    }
    if (state == ParseState::NeedMore && at < arrived) state = parser.parse(raw.substr(at), {}, head, fault);
    if (state == ParseState::Refused) return Outcome::Refused;
    if (state == ParseState::NeedMore) return complete > 0 ? Outcome::Accepted : Outcome::Waiting;
    at += head.head_bytes;
    if (head.upgrade) return Outcome::Accepted;
    if (head.chunked) {
      ChunkedDecoder decoder;
      for (;;) {
        std::size_t used = 0;
        std::size_t size = 0;
        const auto decoded = decoder.next(raw.substr(at, arrived - at), used, size);
        at += used + size;
        decoder.consumed(size);
        if (decoded == ChunkedDecoder::State::Refused) return Outcome::Refused;
        if (decoded == ChunkedDecoder::State::End) break;
        if (decoded == ChunkedDecoder::State::NeedMore && !more()) return Outcome::Waiting;
      }
    } else if (head.content_length > 0) {
      const auto length = static_cast<std::size_t>(head.content_length);
      while (arrived - at < length)
        if (!more()) return Outcome::Waiting;
      at += length;
    }
    ++complete;
    if (!head.keep_alive) return Outcome::Accepted;
  }
}

template <std::size_t N>
const Disagreement* find(const Disagreement (&table)[N], const Vector& v) {
  for (const Disagreement& d : table) {
    const std::string_view name = d.name;
    const bool ends =
        v.name.size() >= name.size() && std::string_view(v.name).substr(v.name.size() - name.size()) == name;
    const bool whole_part = v.name.size() == name.size() || (ends && v.name[v.name.size() - name.size() - 1] == ' ');
    if (v.file == d.file && ends && whole_part) return &d;
  }
  return nullptr;
}

TEST(HttpVectors, LlhttpStrictRequests) {
  std::ifstream in(vector_file(), std::ios::binary);
  if (!in) GTEST_SKIP() << "no vectors at " << vector_file() << "; set GATEHOUSE_VECTORS";
  const std::vector<Vector> vectors = load(in);
  int rejects = 0;
  int takes = 0;
  int late = 0;
  std::vector<const Disagreement*> met;
  for (const Vector& v : vectors) {
    const Outcome outcome = run(v.raw, v.raw.size());
    // Byte by byte, a fault in a head without an end may show as late as at that end.
    Outcome bytewise = run(v.raw, 1);
    if (bytewise != outcome) {
      ++late;
      bytewise = run(v.raw + "\r\n\r\n", 1);
    }
    EXPECT_EQ(bytewise, outcome) << v.name << ": judged otherwise byte by byte";
    ++(v.error ? rejects : takes);
    const Disagreement* const refuse = find(kWeRefuse, v);
    const Disagreement* const discard = find(kServerDiscards, v);
    met.push_back(refuse);
    met.push_back(discard);
    if (v.error && discard != nullptr)
      EXPECT_EQ(outcome, Outcome::Accepted) << v.name;
    else if (v.error)
      EXPECT_EQ(outcome, Outcome::Refused) << v.file << ": " << v.name << ": " << v.error_reason;
    else if (refuse != nullptr)
      EXPECT_EQ(outcome, Outcome::Refused) << v.name << " agrees now: take it off the table";
    else
      EXPECT_NE(outcome, Outcome::Refused) << v.file << ": " << v.name;
  }
  EXPECT_EQ(rejects, 55);
  EXPECT_EQ(takes, 79);
  EXPECT_LE(late, 3);
  for (const Disagreement& d : kWeRefuse) EXPECT_EQ(std::count(met.begin(), met.end(), &d) >= 1, true) << d.name;
  for (const Disagreement& d : kServerDiscards) EXPECT_EQ(std::count(met.begin(), met.end(), &d), 1) << d.name;
}

}  // namespace
}  // namespace gatehouse::http
