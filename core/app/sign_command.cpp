#include <gatehouse/kit/sigv4/date.hpp>
#include <gatehouse/kit/sigv4/encode.hpp>
#include <gatehouse/kit/sigv4/signer.hpp>

#include <CLI/App.hpp>
#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

#include "app/command.hpp"
#include "app/sign_command_compare.hpp"
#include "app/sign_command_keys.hpp"
#include "app/token_commands.hpp"
#include "app/token_time.hpp"
#include "base/clock.hpp"
#include "base/text.hpp"
#include "client/url.hpp"
#include "config/interpolate.hpp"

namespace gatehouse::app {
namespace {

namespace sigv4 = kit::sigv4;

constexpr std::size_t kMostBodyBytes = 10u << 20;
constexpr std::size_t kMostComparedBytes = 1u << 20;

/// In single quotes, for a POSIX shell.
std::string shell_word(std::string_view text) {
  std::string out = "'";
  for (const char c : text)
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  return out + "'";
}

bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return base::is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

class SignCommand final : public Command {
 public:
  explicit SignCommand(CLI::App& parser) {
    parser.add_option("METHOD", method_, "GET, POST, ...")->required();
    parser.add_option("URL", url_, "where the request goes, as it is spelt")->required();
    parser.add_option("--region", given_.region, "default: AWS_REGION, AWS_DEFAULT_REGION, the profile's, us-east-1");
    parser.add_option("--service", service_, "default execute-api");
    parser.add_option("--access-key-id", given_.id, "default: AWS_ACCESS_KEY_ID, or the profile's");
    parser.add_option("--secret-access-key", given_.secret, "default: AWS_SECRET_ACCESS_KEY, or the profile's");
    parser.add_option("--session-token", given_.session_token, "default: AWS_SESSION_TOKEN, or the profile's");
    parser.add_option("--profile", given_.profile, "of ~/.aws/credentials");
    parser.add_option("--header", header_lines_, "`name: value`, signed; may be repeated")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    parser.add_option("--body", body_, "the body, or @FILE");
    presign_option_ =
        parser.add_option("--presign", presign_, "put the signature into the URL, good for so many seconds");
    parser.add_option("--date", date_, "when it is signed: 20260115T101530Z, Unix seconds or RFC 3339");
    parser.add_option("--compare", compare_,
                      "a canonical request that an SDK logged, or an error body that quotes one, in a file or - for "
                      "standard input: shows where it differs from ours");
    parser.add_flag("--json", json_, "print one JSON object");
    parser.footer(
        "Prints a curl command. Keys on the command line can be seen by every user of the machine (ps): prefer the "
        "environment or a profile.");
  }

  int run() override {
    sigv4::Unsigned request;
    if (const std::string wrong = read_request(request); !wrong.empty()) return usage(wrong);
    return compare_.empty() ? sign(request) : compare(request);
  }

 private:
  static int usage(const std::string& text) {
    std::fprintf(stderr, "error: %s\n", text.c_str());
    return kUsage;
  }
  static int fault(const std::string& text) {
    std::fprintf(stderr, "error: %s\n", text.c_str());
    return kFault;
  }

  /// What is wrong with the request that was described; empty when nothing is.
  std::string read_request(sigv4::Unsigned& out) {
    if (!is_token(method_)) return "METHOD: `" + shown_raw(method_, 64) + "` is none";
    out.method = method_;
    const auto url = client::Url::parse(url_);
    if (!url) return "URL: " + url.error().text;
    target_ = *url;
    out.host = url->authority();
    const std::size_t mark = url->target.find('?');
    out.path = url->target.substr(0, mark);
    if (mark != std::string::npos) out.raw_query = url->target.substr(mark + 1);
    for (const std::string& line : header_lines_) {
      const std::size_t colon = line.find(':');
      std::string name = base::lower(line.substr(0, colon));
      if (colon == std::string::npos || !is_token(name))
        return "--header: `" + shown_raw(line, 64) + "` is not `name: value`";
      if (name == "host" || name == "authorization" || name == "x-amz-date" || name == "x-amz-security-token")
        return "--header: `" + name + "` is made by the command itself";
      std::string value = line.substr(colon + 1);
      value.erase(0, std::min(value.find_first_not_of(' '), value.size()));
      if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
        return "--header: the value of `" + name + "` has a line end or NUL";
      out.headers.emplace_back(std::move(name), std::move(value));
    }
    std::string content = body_;
    if (!body_.empty() && body_[0] == '@') {
      std::string exposed;
      const std::string file = body_.substr(1);
      auto text = config::read_file(file, shown_raw(file, 256), kMostBodyBytes, exposed);
      if (!text) return "--body: " + text.error().text;
      content = std::move(*text);
    }
    if (content.find('\0') != std::string::npos && body_[0] != '@') return "--body: NUL cannot be given to curl";
    sigv4::Hasher hasher;
    out.payload = hasher.sha256(content);
    return {};
  }

  std::optional<std::int64_t> now() const {
    if (date_.empty()) return base::system_clock().unix_ms() / 1000;
    if (const auto basic = sigv4::parse_basic(date_)) return basic;
    const auto ms = parse_now(date_);
    return ms ? std::optional<std::int64_t>(*ms / 1000) : std::nullopt;
  }

  int sign(const sigv4::Unsigned& request) {
    const auto time = now();
    if (!time)
      return usage("--date: `" + shown_raw(date_, 64) +
                   "` is none: 20260115T101530Z, Unix seconds or RFC 3339 as 2026-01-15T10:15:30Z");
    const bool presigned = presign_option_->count() != 0;
    if (presigned && (presign_ < 1 || presign_ > 604'800)) return usage("--presign: 1 to 604800 seconds");
    auto found = find_access_key(given_);
    if (!found) return fault(found.error().text);
    sigv4::SigningOptions options;
    options.region = !found->region.empty() ? found->region : "us-east-1";
    options.service = service_;
    options.time_s = *time;
    for (const std::string* part : {&options.region, &options.service, &found->id})
      if (part->empty() || part->find_first_of("/ ,=") != std::string::npos)
        return usage("`" + shown_raw(*part, 64) + "` cannot stand in a credential");
    const sigv4::AccessKey key{found->id, std::string(found->secret.reveal()),
                               std::string(found->session_token.reveal())};
    const sigv4::Signed made =
        presigned ? sigv4::presign(request, key, options, presign_) : sigv4::sign(request, key, options);
    const std::string url = address(request.path, made.raw_query), line = curl(request, made, url);
    if (json_)
      print_json(request, made, url, line);
    else
      std::printf("%s\n", line.c_str());
    return kOk;
  }

  std::string address(const std::string& path, const std::string& query) const {
    return std::string(target_.https ? "https" : "http") + "://" + target_.authority() + path +
           (query.empty() ? "" : "?" + query);
  }

  std::string curl(const sigv4::Unsigned& request, const sigv4::Signed& made, const std::string& url) const {
    std::string out = "curl";
    if (request.method == "HEAD")
      out += " --head";
    else if (request.method != (body_.empty() ? "GET" : "POST"))
      out += " -X " + shell_word(request.method);
    // As it was signed: curl removes dot segments and expands braces unless it is told not to.
    if (request.path.find("/.") != std::string::npos) out += " --path-as-is";
    if (url.find_first_of("[]{}") != std::string::npos) out += " --globoff";
    for (const auto* list : {&request.headers, &made.headers})
      for (const auto& [name, value] : *list)
        out += " -H " + shell_word(value.empty() ? name + ";" : name + ": " + value);  // `name;` sends an empty one
    if (!body_.empty()) out += (body_[0] == '@' ? " --data-binary " : " --data-raw ") + shell_word(body_);
    return out + " " + shell_word(url);
  }

  static void print_json(const sigv4::Unsigned& request, const sigv4::Signed& made, const std::string& url,
                         const std::string& line) {
    std::string headers = "{\"host\":" + in_json(request.host);
    for (const auto* list : {&request.headers, &made.headers})
      for (const auto& [name, value] : *list) headers += "," + in_json(base::lower(name)) + ":" + in_json(value);
    std::printf(
        "{\"method\":%s,\"url\":%s,\"headers\":%s},\"signed_headers\":%s,\"canonical_request\":%s,\"string_to_sign\":%"
        "s,"
        "\"signature\":%s,\"curl\":%s}\n",
        in_json(request.method).c_str(), in_json(url).c_str(), headers.c_str(), in_json(made.signed_headers).c_str(),
        in_json(made.canonical_request).c_str(), in_json(made.string_to_sign).c_str(), in_json(made.signature).c_str(),
        in_json(line).c_str());
  }

  int compare(const sigv4::Unsigned& request) const {
    std::string exposed, text;
    if (compare_ == "-") {
      auto given = given_token("-");
      if (!given) return fault("--compare: " + given.error().text);
      text = std::move(given->value);
    } else {
      auto read = config::read_file(compare_, shown_raw(compare_, 256), kMostComparedBytes, exposed);
      if (!read) return fault("--compare: " + read.error().text);
      text = std::move(*read);
    }
    const auto theirs = canonical_request_in(text);
    if (!theirs) return fault("--compare: " + theirs.error().text);
    const auto both = compare_canonical(*theirs, request);
    if (!both) return fault("--compare: " + both.error().text);
    if (json_)
      print_json(*both);
    else
      print(*both);
    return both->same() ? kOk : kFault;
  }

  static void print(const CanonicalComparison& both) {
    bool marked = false;
    std::size_t widest = 0;
    for (const auto& line : both.lines) widest = std::max(widest, std::min<std::size_t>(line.part.size(), 40));
    const int width = static_cast<int>(widest);
    for (const auto& line : both.lines) {
      if (line.same()) {
        std::printf("  %-*s  %s\n", width, shown_raw(line.part, 64).c_str(), shown_raw(line.ours, 2000).c_str());
        continue;
      }
      std::printf("%s %-*s  theirs %s\n  %-*s  ours   %s\n", marked ? "!" : ">", width,
                  shown_raw(line.part, 64).c_str(), shown_raw(line.theirs, 2000).c_str(), width, "",
                  shown_raw(line.ours, 2000).c_str());
      marked = true;
    }
    for (const std::string& hint : both.hints) std::printf("%s\n", shown_raw(hint, 2000).c_str());
    std::printf("%s\n", both.same()
                            ? "the same: if the signature differs all the same, so does the secret, or the scope"
                            : "they differ; > is the first line that does");
  }

  static void print_json(const CanonicalComparison& both) {
    std::string lines, hints;
    int first = -1, at = 0;
    for (const auto& line : both.lines) {
      if (!line.same() && first < 0) first = at;
      ++at;
      lines += (lines.empty() ? "" : ",") + ("{\"part\":" + in_json(line.part)) +
               ",\"theirs\":" + in_json(line.theirs) + ",\"ours\":" + in_json(line.ours) +
               ",\"same\":" + (line.same() ? "true" : "false") + "}";
    }
    for (const std::string& hint : both.hints) hints += (hints.empty() ? "" : ",") + in_json(hint);
    std::printf("{\"same\":%s,\"first_difference\":%s,\"lines\":[%s],\"hints\":[%s]}\n", both.same() ? "true" : "false",
                first < 0 ? "null" : std::to_string(first).c_str(), lines.c_str(), hints.c_str());
  }

  GivenAccessKey given_;
  std::string method_, url_, service_ = "execute-api", body_, date_, compare_;
  std::vector<std::string> header_lines_;
  CLI::Option* presign_option_ = nullptr;
  int presign_ = 0;
  bool json_ = false;
  client::Url target_;
};

}  // namespace

std::unique_ptr<Command> sign_command(CLI::App& parser) {
  return std::make_unique<SignCommand>(parser);
}

}  // namespace gatehouse::app
