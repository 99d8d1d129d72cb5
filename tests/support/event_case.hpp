#pragma once
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "access/event.hpp"
#include "http/parser.hpp"
#include "http/target.hpp"

namespace gatehouse::access::test {

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// The facts of one request, from the bytes that a client sends and lines `name value` that say what the gateway knows
/// (tests/golden/events). What is not said is the same for all.
class EventCase {
 public:
  EventCase(std::string head, std::string lines) : head_(std::move(head)), lines_(std::move(lines)) {
    http::RequestParser parser;
    http::ParseFault fault;
    if (parser.parse(head_, {}, request_, fault) != http::ParseState::Complete)
      throw std::runtime_error("the request is refused: " + std::string(fault.what));
    auto target = http::parse_target(request_.target, {}, arena);
    if (!target) throw std::runtime_error("the target is refused: " + target.error().text);
    target_ = *target;
    facts.request = &request_;
    facts.target = &target_;
    facts.account_id = "111122223333";
    facts.region = "eu-north-1";
    facts.source_ip_text = "198.51.100.9";
    facts.time_unix_ms = 1'767'323'045'000;
    facts.extended_request_id = "AbCdEfGhIjKlMno=";
    facts.resource_id = "r7xabc";
    facts.deployment_id = "d9qabc";
    facts.connected_unix_ms = 1'767'323'044'999;
    facts.domain = request_.authority.substr(0, request_.authority.find(':'));
    std::string_view rest = lines_;
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      const std::size_t blank = std::min(line.find(' '), line.size());
      if (!line.empty()) read(line.substr(0, blank), line.substr(std::min(blank + 1, line.size())));
    }
    facts.path_parameters = parameters_;
    facts.stage_variables = variables_;
    facts.identity = identity_;
    const std::string_view last = kind == EventKind::WebsocketConnect ? facts.route_key : http::name(request_.method);
    facts.arn = arena.join({"arn:aws:execute-api:eu-north-1:111122223333:", facts.api_id, "/", facts.stage, "/", last,
                            kind == EventKind::WebsocketConnect ? std::string_view() : facts.api_path});
    facts.request_id = facts.api_type == ApiType::Rest ? std::string_view("2f0c3b5e-8f0e-4c11-9a56-0d9b6f2f7b10")
                                                       : facts.extended_request_id;
  }
  EventCase(const EventCase&) = delete;
  EventCase& operator=(const EventCase&) = delete;

  std::string event() {
    facts.event = nullptr;
    const auto built = build_event(kind, facts, arena);
    return built ? std::string(*built) : "too long";
  }

  base::Arena arena;
  Facts facts;
  EventKind kind = EventKind::Rest;

 private:
  static std::pair<std::string_view, std::string_view> split(std::string_view text, char at) {
    const std::size_t place = text.find(at);
    if (place == std::string_view::npos) throw std::runtime_error("half a pair: " + std::string(text));
    return {text.substr(0, place), text.substr(place + 1)};
  }
  void read(std::string_view name, std::string_view value) {
    if (name == "kind") {
      kind = value == "token"     ? EventKind::Token
             : value == "rest"    ? EventKind::Rest
             : value == "http_v1" ? EventKind::HttpV1
             : value == "http_v2" ? EventKind::HttpV2
                                  : EventKind::WebsocketConnect;
    } else if (name == "api") {
      const auto [type, id] = split(value, ' ');
      facts.api_type = type == "rest" ? ApiType::Rest : type == "http" ? ApiType::Http : ApiType::Websocket;
      facts.api_id = id;
    } else if (name == "stage") {
      facts.stage = value;
    } else if (name == "route") {
      facts.route_key = value;
      facts.resource_path = value.substr(value.find(' ') == std::string_view::npos ? 0 : value.find(' ') + 1);
    } else if (name == "api_path") {
      facts.api_path = value;
    } else if (name == "domain") {
      facts.by_domain = value == "yes";
    } else if (name == "connection") {
      facts.connection_id = value;
    } else if (name == "certificate") {
      facts.client_certificate = &certificate_;
    } else {
      const auto [key, text] = split(value, '=');
      if (name == "identity")
        identity_.push_back({key, text, true});
      else if (name == "path_parameter")
        parameters_.push_back({key, text});
      else if (name == "stage_variable")
        variables_.push_back({key, text});
      else
        throw std::runtime_error("no such fact: " + std::string(name));
    }
  }

  const std::string head_, lines_;
  http::RequestHead request_;
  http::Target target_;
  std::vector<NamedValue> parameters_, variables_;
  std::vector<IdentityValue> identity_;
  ClientCertificate certificate_{"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
                                 "CN=client.example.com,O=Example,C=FI",
                                 "CN=Example CA,O=Example,C=FI",
                                 "a1:b2:c3:d4",
                                 "May 28 12:30:02 2019 GMT",
                                 "Aug  5 09:36:04 2021 GMT"};
};

}  // namespace gatehouse::access::test
