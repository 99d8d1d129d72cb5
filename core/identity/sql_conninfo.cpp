#include "identity/sql_conninfo.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"

namespace gatehouse::identity {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

tl::unexpected<Error> wrong(const std::string& why) {
  return fail(Code::Invalid, "the connection string of PostgreSQL " + why +
                                 ": write `host=db dbname=gatehouse ...` or `postgresql://user@db/gatehouse?...`");
}

std::optional<std::string> decode_percent(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = base::hex_value(text[i + 1]), low = base::hex_value(text[i + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

}  // namespace

Result<Conninfo> Conninfo::parse(std::string_view text) {
  if (text.size() > 16 * 1024) return wrong("is longer than 16 KiB");
  if (text.find('\0') != std::string_view::npos) return wrong("holds a NUL");
  Conninfo out;
  const bool uri = text.starts_with("postgresql://") || text.starts_with("postgres://");
  if (auto read = uri ? out.read_uri(text.substr(text.find("://") + 3)) : out.read_keywords(text); !read)
    return tl::unexpected<Error>(std::move(read).error());
  if (out.parts_.empty()) return wrong("is empty");
  return out;
}

std::string_view Conninfo::get(std::string_view keyword) const {
  for (const auto& part : parts_)
    if (part.first == keyword) return part.second;
  return {};
}

// As libpq does, the last of two counts.
Result<void> Conninfo::set(std::string keyword, std::string value) {
  const bool plain = !keyword.empty() && std::all_of(keyword.begin(), keyword.end(),
                                                     [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
  if (!plain) return wrong("has a keyword that is none");
  const auto same = std::find_if(parts_.begin(), parts_.end(), [&](const auto& part) { return part.first == keyword; });
  if (same != parts_.end()) {
    same->second = std::move(value);
  } else {
    parts_.emplace_back(std::move(keyword), std::move(value));
  }
  return {};
}

Result<void> Conninfo::read_keywords(std::string_view text) {
  const auto skip = [&] {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  };
  for (skip(); !text.empty(); skip()) {
    std::size_t end = 0;
    while (end < text.size() && text[end] != '=' && !is_blank(text[end])) ++end;
    std::string keyword(text.substr(0, end));
    text.remove_prefix(end);
    skip();
    if (text.empty() || text.front() != '=') return wrong("has a keyword without `=`");
    text.remove_prefix(1);
    skip();
    const bool quoted = !text.empty() && text.front() == '\'';
    if (quoted) text.remove_prefix(1);
    std::string value;
    bool closed = !quoted;
    while (!text.empty()) {
      const char c = text.front();
      if (quoted ? c == '\'' : is_blank(c)) {
        closed = true;
        if (quoted) text.remove_prefix(1);
        break;
      }
      const std::size_t taken = c == '\\' && text.size() > 1 ? 2 : 1;
      value += text[taken - 1];
      text.remove_prefix(taken);
    }
    if (!closed) return wrong("has a quote that is not closed");
    if (auto done = set(std::move(keyword), std::move(value)); !done) return done;
  }
  return {};
}

Result<void> Conninfo::read_uri(std::string_view text) {
  const auto put = [&](const char* keyword, std::string_view encoded) -> Result<void> {
    auto value = decode_percent(encoded);
    if (!value) return wrong("has a `%` that no two hexadecimal digits follow");
    return set(keyword, std::move(*value));
  };
  const auto cut = [](std::string_view& from, std::string_view at) {
    const std::size_t end = std::min(from.find_first_of(at), from.size());
    const std::string_view head = from.substr(0, end);
    from.remove_prefix(end);
    return head;
  };
  std::string_view authority = cut(text, "/?");
  if (const std::size_t at = authority.find('@'); at != std::string_view::npos) {
    std::string_view user = authority.substr(0, at);
    authority.remove_prefix(at + 1);
    const std::string_view name = cut(user, ":");
    if (!name.empty())
      if (auto done = put("user", name); !done) return done;
    if (user.size() > 1)
      if (auto done = put("password", user.substr(1)); !done) return done;
  }
  std::string hosts, ports;
  bool any_port = false;
  for (std::size_t count = 0; !authority.empty(); ++count) {
    if (count != 0) authority.remove_prefix(1);  // the comma
    std::string_view host;
    if (authority.starts_with('[')) {
      const std::size_t close = authority.find(']');
      if (close == std::string_view::npos) return wrong("has a `[` without `]`");
      host = authority.substr(1, close - 1);
      authority.remove_prefix(close + 1);
    } else {
      host = cut(authority, ":,");
    }
    std::string_view port;
    if (authority.starts_with(':')) {
      authority.remove_prefix(1);
      port = cut(authority, ",");
    }
    if (!authority.empty() && authority.front() != ',') return wrong("has a host that cannot be read");
    hosts.append(count != 0 ? "," : "").append(host);
    ports.append(count != 0 ? "," : "").append(port);
    any_port = any_port || !port.empty();
  }
  if (!hosts.empty())
    if (auto done = put("host", hosts); !done) return done;
  if (any_port)
    if (auto done = put("port", ports); !done) return done;
  if (text.starts_with('/')) {
    text.remove_prefix(1);
    if (const std::string_view name = cut(text, "?"); !name.empty())
      if (auto done = put("dbname", name); !done) return done;
  }
  if (text.starts_with('?')) text.remove_prefix(1);
  while (!text.empty()) {
    std::string_view pair = cut(text, "&");
    if (!text.empty()) text.remove_prefix(1);
    const std::string keyword(cut(pair, "="));
    if (pair.empty()) return wrong("has a parameter without `=`");
    pair.remove_prefix(1);
    if (auto done = keyword == "ssl" && pair == "true" ? put("sslmode", "require") : put(keyword.c_str(), pair); !done)
      return done;
  }
  return {};
}

void Conninfo::set_timeout(std::int64_t ms) {
  const auto unless_given = [&](const char* keyword, std::string value) {
    if (get(keyword).empty()) parts_.emplace_back(keyword, std::move(value));
  };
  unless_given("connect_timeout", std::to_string(std::max<std::int64_t>(2, (ms + 999) / 1000)));
  unless_given("tcp_user_timeout", std::to_string(ms));
  unless_given("application_name", "gatehouse");
  unless_given("client_encoding", "UTF8");
}

Result<std::string> Conninfo::poco() const {
  std::string out;
  for (const auto& part : parts_) {
    std::string value;
    for (const char c : part.second) {
      // The server splits options at any blank, Poco at the space alone.
      const char use = c == ' ' && part.first == "options" ? '\t' : c;
      if (use == ' ')
        return fail(Code::Unsupported, "the connection string of PostgreSQL has a space in `" + part.first +
                                           "`, which cannot be passed on: put a password into a password file "
                                           "(`passfile=`), rename a database or a folder");
      if (use == '\'' || use == '\\') value += '\\';
      value += use;
    }
    out.append(out.empty() ? "" : " ").append(part.first).append("='").append(value).append("'");
  }
  return out;
}

std::string Conninfo::name() const {
  std::string out = "postgresql:";
  out.append(get("host").empty() ? get("hostaddr") : get("host"));
  if (!get("port").empty()) out.append(":").append(get("port"));
  return out.append("/").append(get("dbname"));
}

}  // namespace gatehouse::identity
