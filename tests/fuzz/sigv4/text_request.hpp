#pragma once
#include <gatehouse/kit/sigv4/request.hpp>
#include <gatehouse/text.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

/// A request written as `METHOD TARGET`, lines `name: value`, an empty line and the body.
struct TextRequest {
  std::string method, path, query, body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<gh_kv> views;
  gatehouse::kit::sigv4::Request request;

  explicit TextRequest(const std::string& text) {
    std::size_t at = 0;
    const auto line = [&] {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      std::string out = text.substr(at, end - at);
      at = std::min(end + 1, text.size());
      return out;
    };
    const std::string first = line();
    const std::size_t blank = std::min(first.find(' '), first.size());
    method = first.substr(0, blank);
    path = first.substr(std::min(blank + 1, first.size()));
    if (const std::size_t mark = path.find('?'); mark != std::string::npos) {
      query = path.substr(mark + 1);
      path.resize(mark);
    }
    while (at < text.size()) {
      const std::string one = line();
      if (one.empty()) break;
      const std::size_t colon = std::min(one.find(':'), one.size());
      std::string name = one.substr(0, colon);
      for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
      headers.emplace_back(std::move(name), one.substr(std::min(colon + 1, one.size())));
    }
    body = text.substr(at);
    for (const auto& [name, value] : headers) views.push_back({gatehouse::raw(name), gatehouse::raw(value)});
    request.method = method;
    request.wire_path = request.path = path;
    request.raw_query = query;
    request.region = "us-east-1";
    request.headers = {views.data(), views.size()};
  }
  TextRequest(const TextRequest&) = delete;
};
