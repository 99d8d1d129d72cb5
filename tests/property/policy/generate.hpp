#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "property/policy/naive_values.hpp"

/// Random policies and requests out of few words, so that they meet. Every document is one that the parser takes.
namespace gatehouse::policy::naive {

class Generator {
 public:
  /// `below(n)` is a number below n: of a random engine, or of a fuzzer's bytes.
  explicit Generator(std::function<std::size_t(std::size_t)> below) : below_(std::move(below)) {}

  Request request();
  Document document(bool with_principals, std::size_t most);
  Sets sets();

 private:
  using Words = std::vector<std::string>;
  bool one_in(std::size_t n) { return below_(n) == 0; }
  std::string pick(const Words& words) { return words[below_(words.size())]; }
  Words some(std::size_t most, const std::function<std::string()>& make) {
    Words out;
    for (std::size_t n = 1 + (one_in(3) ? below_(most) : 0); n > 0; --n) out.push_back(make());
    return out;
  }
  Caller caller();
  Statement statement(bool with_principals, bool in_2012);
  void principals(Statement& s);
  Condition condition();
  std::string text_value(bool like);
  std::string arn_value();
  std::string action_value();
  std::string resource_value(bool in_2012);
  std::string path();
  std::string variable();
  std::string any_value();
  Words values_for(const std::string& base);
  std::function<std::size_t(std::size_t)> below_;

  static inline const Words kAccounts = {"111122223333", "444455556666"};
  static inline const Words kRegions = {"us-east-1", "eu-west-1"};
  static inline const Words kHeads = {"abc", "abcd", "xyz"};
  static inline const Words kSteps = {"prod", "dev", "GET",      "POST",     "pets", "Pets",
                                      "a:b",  "a*",  "\xc3\xa9", "$default", ""};
  static inline const Words kTexts = {
      "alice", "Alice", "bob", "a*e", "?", "", "abc", "$", "\xc3\x89t\xc3\xa9", "\xc3\xa9t\xc3\xa9", "vpc-1", "true"};
  static inline const Words kNumbers = {"5",     "5.0", "-5",           "007", "0",   "-0",
                                        "+5.50", "5.5", "123456789012", "x",   "1e3", ""};
  static inline const Words kDates = {"2026",
                                      "2026-03",
                                      "2026-03-01",
                                      "2026-03-01T00:00Z",
                                      "2026-03-01T02:00:00+02:00",
                                      "2026-03-01T00:00:00.5Z",
                                      "2026-02-28T23:59:59.500000000-00:30",
                                      "1772323200",
                                      "2024-02-29",
                                      "1969-12-31T23:59:59Z",
                                      "0",
                                      "0000-01-01",
                                      "9999-12-31T23:59:59Z"};
  static inline const Words kBadDates = {"2026-02-29", "2026-13", "2026-3-1", "2026-03-01T24:00Z",
                                         "tomorrow",   "-1",      ""};
  static inline const Words kAddresses = {
      "192.0.2.7", "192.0.3.7", "10.1.2.3", "::ffff:192.0.2.7", "2001:db8::1", "2001:DB8:0::1%eth0",
      "fe80::1",   "::",        "0.0.0.0",  "nowhere",          "192.0.2",     ""};
  static inline const Words kBlocks = {"192.0.2.0/24", "192.0.2.7",       "192.0.2.9/23", "0.0.0.0/0",
                                       "::/0",         "2001:db8::/32",   "2001:db8::1",  "10.0.0.0/8",
                                       "10.1.2.3/32",  "2001:db8::1/127", "192.0.2.7/31"};
  static inline const Words kArns = {"arn:aws:iam::111122223333:user/alice",
                                     "arn:aws:iam::111122223333:role/Reader",
                                     "arn:aws:iam::444455556666:role/x/Reader",
                                     "arn:aws:s3:::b:c/d",
                                     "arn:aws:iam",
                                     "alice",
                                     ""};
  static inline const Words kKeys = {"aws:username",          "aws:SourceVpc",    "aws:PrincipalTag/Team",
                                     "aws:EpochTime",         "aws:CurrentTime",  "aws:SourceIp",
                                     "aws:SecureTransport",   "aws:PrincipalArn", "custom:list",
                                     "aws:PrincipalOrgPaths", "custom:bytes"};
};

inline std::string Generator::path() {
  std::string out = pick(kHeads);
  for (std::size_t n = 1 + below_(4); n > 0; --n) out += "/" + pick(kSteps);
  return out;
}

inline Caller Generator::caller() {
  const std::string account = pick(kAccounts);
  const std::string iam = "arn:aws:iam::" + account + ":";
  const std::string sts = "arn:aws:sts::" + account + ":";
  const std::string name = pick({"alice", "dev/bob", "Alice"});
  switch (below_(6)) {
    case 0:
      return {};
    case 1:
      return {Caller::Kind::Root, iam + "root", account, "", ""};
    case 2:
      return {Caller::Kind::FederatedUser, sts + "federated-user/fred", account, "", iam + "user/" + name};
    case 3: {
      const std::string role = pick({"Reader", "reader", "Writer"});
      return {Caller::Kind::RoleSession, sts + "assumed-role/" + role + "/s" + std::to_string(below_(2)), account, role,
              ""};
    }
    default:
      return {Caller::Kind::User, iam + "user/" + name, account, "", ""};
  }
}

inline std::string Generator::any_value() {
  const Words* const all[] = {&kTexts, &kNumbers, &kDates, &kBadDates, &kAddresses, &kArns};
  return pick(*all[below_(std::size(all))]);
}

inline Request Generator::request() {
  Request out;
  out.caller = caller();
  out.owner = pick(kAccounts);
  out.action = pick({"execute-api:Invoke", "execute-api:Invoke", "Execute-API:invoke", "execute-api:ManageConnections",
                     "execute-api:InvalidateCache", "s3:GetObject"});
  const std::string front = "arn:aws:execute-api:" + pick(kRegions) + ":" + out.owner + ":";
  const std::string head = pick(kHeads);
  for (std::size_t n = one_in(4) ? 2 : 1; n > 0; --n) {
    std::string resource = path();
    out.resources.push_back(front + head + resource.substr(resource.find('/')));
  }
  for (const std::string& key : kKeys) {
    if (one_in(3)) continue;
    Key value;
    value.multi = key == "custom:list" || key == "aws:PrincipalOrgPaths";
    for (std::size_t n = value.multi ? below_(4) : 1; n > 0; --n) {
      const Words& fitting = key == "aws:EpochTime"      ? kNumbers
                             : key == "aws:CurrentTime"  ? kDates
                             : key == "aws:SourceIp"     ? kAddresses
                             : key == "aws:PrincipalArn" ? kArns
                                                         : kTexts;
      value.values.push_back(one_in(6)               ? any_value()
                             : key == "custom:bytes" ? pick({"AQID", "AQI=", "AQI", "%"})
                                                     : pick(fitting));
    }
    out.context[folded(key)] = value;
  }
  return out;
}

inline std::string Generator::variable() {
  std::string out;
  switch (below_(8)) {
    case 0:
      return pick({"${*}", "${?}", "${$}"});
    case 1:
      return "${" + pick(kKeys) + ", '" + pick({"abc", "a*e", "", "x y"}) + "'}";
    case 2:
      return pick({"${}", "${", "${nobody:knows}", "$", "${aws:username"});
    case 3:
      return "${AWS:UserName}";
    default:
      return "${" + pick(kKeys) + "}";
  }
}

inline std::string Generator::text_value(bool like) {
  std::string out;
  for (std::size_t n = 1 + below_(3); n > 0; --n) {
    if (one_in(4))
      out += variable();
    else if (like && one_in(2))
      out += pick({"*", "?", "**"});
    else
      out += one_in(2) ? pick(kTexts) : pick({"a", "e", "ce", "ali", "vpc-"});
  }
  return one_in(2) ? pick(kTexts) : out;
}

inline std::string Generator::arn_value() {
  return pick({"arn:aws:iam::111122223333:user/*", "arn:*:iam::*:role/Reader", "arn:aws:iam::*:role/?eader",
               "arn:*:*:*:*:*", "arn:aws:iam::${aws:SourceVpc}:user/alice",
               "arn:aws:iam::111122223333:user/${aws:username}", "*", "arn:aws:*", "arn:aws:s3:::b:*",
               "arn:aws:iam:*:role/Reader", "ARN:aws:s3:::b:c/d", "arn:aws:s3:::${*}:c/d"});
}

inline std::string Generator::action_value() {
  return pick({"execute-api:Invoke", "execute-api:Invoke", "execute-api:*", "*", "EXECUTE-API:inv?ke",
               "execute-api:Inv*", "execute-api:ManageConnections", "s3:*", "execute-api:", "execute-api:In voke",
               "execute-api:*n*", "execute:Invoke"});
}

inline std::string Generator::resource_value(bool in_2012) {
  if (one_in(6)) return "*";
  if (one_in(8))
    return pick({"arn:aws:execute-api:us-east-1:*", "arn:aws:execute-api:*:*:*", "arn:aws:execute-api:us-east-1",
                 "arn:aws:execute-api", "arn:aws:s3:::*", "arn:aws:execute-api:*"});
  std::string out = "arn:" + pick({"aws", "aws", "*", "AWS", "aw?"}) + ":" +
                    pick({"execute-api", "execute-api", "Execute-Api"}) + ":" +
                    (one_in(3) ? pick({"*", "us-*", "eu-west-?", "US-EAST-1"}) : pick(kRegions)) + ":" +
                    (one_in(3) ? "*" : pick(kAccounts)) + ":";
  if (out.compare(0, 8, "arn:AWS:") == 0 || out.compare(0, 8, "arn:aw?:") == 0)
    out.replace(4, 3, one_in(2) ? "aws" : "a*s");
  out += one_in(3) ? pick({"*", "abc*", "ab?", "abc"}) : pick(kHeads);
  for (std::size_t n = below_(4); n > 0; --n) {
    out += "/";
    if (one_in(3))
      out += pick({"*", "?", "p*", "*s", "GE?"});
    else
      out += one_in(in_2012 ? 4 : 8) ? variable() : pick(kSteps);
  }
  return one_in(3) ? out + "/*" : out;
}

inline void Generator::principals(Statement& s) {
  s.not_principal = s.deny && one_in(4);
  if (!s.not_principal && one_in(3)) {
    s.everybody = true;
    return;
  }
  for (std::size_t n = 1 + below_(3); n > 0; --n) {
    const std::string iam = "arn:aws:iam::" + pick(kAccounts) + ":";
    std::string text = caller().arn;
    if (text.empty()) text = pick(kAccounts);
    switch (below_(8)) {
      case 0:
        text = pick(kAccounts);
        break;
      case 1:
        text = iam + "root";
        break;
      case 2:
        text = iam + "role/" + pick({"Reader", "team/Reader", "reader", "Writer"});
        break;
      case 3:
        text = iam + "user/" + pick({"alice", "dev/bob", "bob"});
        break;
      case 4:
        if (!s.not_principal) text = "*";
        break;
      default:
        break;
    }
    s.principals.emplace_back("AWS", text);
    if (one_in(8)) s.principals.emplace_back("Service", "apigateway.amazonaws.com");
  }
}

inline std::vector<std::string> Generator::values_for(const std::string& base) {
  return some(3, [&]() -> std::string {
    if (base.find("String") != std::string::npos) return text_value(base.find("Like") != std::string::npos);
    if (base.find("Numeric") != std::string::npos) return kNumbers[below_(9)];
    if (base.find("Date") != std::string::npos) return pick(kDates);
    if (base.find("Ip") != std::string::npos) return pick(kBlocks);
    if (base.find("Arn") != std::string::npos) return one_in(3) ? kArns[below_(4)] : arn_value();
    if (base == "BinaryEquals") return pick({"AQID", "AQI=", "AQI", "AQ=="});
    return pick({"true", "false", "True", "FALSE"});
  });
}

inline Condition Generator::condition() {
  static const Words bases = {"StringEquals",
                              "StringNotEquals",
                              "StringEqualsIgnoreCase",
                              "StringNotEqualsIgnoreCase",
                              "StringLike",
                              "StringNotLike",
                              "NumericEquals",
                              "NumericNotEquals",
                              "NumericLessThan",
                              "NumericLessThanEquals",
                              "NumericGreaterThan",
                              "NumericGreaterThanEquals",
                              "DateEquals",
                              "DateNotEquals",
                              "DateLessThan",
                              "DateLessThanEquals",
                              "DateGreaterThan",
                              "DateGreaterThanEquals",
                              "Bool",
                              "BinaryEquals",
                              "IpAddress",
                              "NotIpAddress",
                              "ArnEquals",
                              "ArnLike",
                              "ArnNotEquals",
                              "ArnNotLike",
                              "Null"};
  Condition out;
  const std::string base = pick(bases);
  out.operator_text = base;
  if (base != "Null") {
    if (one_in(3)) out.operator_text = pick({"ForAllValues:", "ForAnyValue:"}) + out.operator_text;
    if (one_in(4)) out.operator_text += "IfExists";
  }
  out.values = values_for(base);
  const std::string fitting = base.find("Numeric") == 0              ? "aws:EpochTime"
                              : base.find("Date") == 0               ? "aws:CurrentTime"
                              : base.find("Ip") != std::string::npos ? "aws:SourceIp"
                              : base.find("Arn") == 0                ? "aws:PrincipalArn"
                              : base == "Bool"                       ? "aws:securetransport"
                              : base == "BinaryEquals"
                                  ? "custom:bytes"
                                  : pick({"aws:username", "AWS:SourceVPC", "aws:PrincipalTag/team"});
  out.key = one_in(3) ? pick(kKeys) : fitting;
  return out;
}

inline Statement Generator::statement(bool with_principals, bool in_2012) {
  Statement out;
  out.deny = one_in(3);
  if (with_principals) principals(out);
  out.not_action = one_in(6);
  out.actions = some(3, [&] { return action_value(); });
  out.not_resource = one_in(5);
  out.resources = some(3, [&] { return resource_value(in_2012); });
  if (!one_in(3))
    for (std::size_t n = 1 + below_(2); n > 0; --n) out.conditions.push_back(condition());
  // A member of an object stands there once.
  if (out.conditions.size() == 2 && out.conditions[0].operator_text == out.conditions[1].operator_text)
    out.conditions.pop_back();
  return out;
}

inline Document Generator::document(bool with_principals, std::size_t most) {
  Document out;
  out.with_principals = with_principals;
  out.version = one_in(4) ? pick({"", "2008-10-17"}) : "2012-10-17";
  for (std::size_t n = 1 + below_(most); n > 0; --n)
    out.statements.push_back(statement(with_principals, out.version == "2012-10-17"));
  return out;
}

inline Sets Generator::sets() {
  Sets out;
  const auto documents = [&](std::size_t most) {
    std::vector<Document> set;
    for (std::size_t n = below_(most + 1); n > 0; --n) set.push_back(document(false, 3));
    return set;
  };
  if (one_in(4))
    for (std::size_t n = 1 + below_(2); n > 0; --n) out.guardrails.push_back(documents(2));
  if (one_in(5)) out.endpoint.push_back(document(true, 3));
  if (!one_in(4)) out.resource.push_back(document(true, 4));
  if (one_in(4)) out.boundary.push_back(document(false, 3));
  out.identity = documents(3);
  out.has_session = one_in(4);
  if (out.has_session) out.session = documents(2);
  return out;
}

}  // namespace gatehouse::policy::naive
