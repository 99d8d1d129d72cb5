#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

/// Policies and requests as plain texts: what the generator makes, the slow twin reads, and the parser is given as
/// JSON.
namespace gatehouse::policy::naive {

struct Condition {
  std::string operator_text;
  std::string key;
  std::vector<std::string> values;
};

struct Statement {
  bool deny = false;
  bool everybody = false;  // "Principal": "*"
  bool not_principal = false;
  std::vector<std::pair<std::string, std::string>> principals;  // type and text; {"AWS": "*"} too
  bool not_action = false;
  std::vector<std::string> actions;
  bool not_resource = false;
  std::vector<std::string> resources;
  std::vector<Condition> conditions;
};

struct Document {
  bool with_principals = false;
  std::string version;  // empty: none
  std::vector<Statement> statements;
};

struct Key {
  std::vector<std::string> values;
  bool multi = false;
};

struct Caller {
  enum class Kind { Anonymous, Root, User, RoleSession, FederatedUser } kind = Kind::Anonymous;
  std::string arn, account, role_name, user_arn;
};

struct Request {
  Caller caller;
  std::string action;
  std::vector<std::string> resources;
  std::map<std::string, Key> context;  // names in lower case
  std::string owner;
};

/// Everything that has a say.
struct Sets {
  std::vector<std::vector<Document>> guardrails;
  std::vector<Document> endpoint, resource, boundary;  // none or one
  std::vector<Document> identity, session;
  bool has_session = false;
};

// ---- as JSON

inline std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

inline std::string list(const std::vector<std::string>& texts) {
  if (texts.size() == 1) return quoted(texts[0]);
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() > 1 ? "," : "") + quoted(text);
  return out + "]";
}

inline std::string json(const Statement& s) {
  std::string out = std::string("{\"Effect\":\"") + (s.deny ? "Deny" : "Allow") + "\"";
  if (s.everybody) out += ",\"Principal\":\"*\"";
  if (!s.principals.empty()) {
    std::map<std::string, std::vector<std::string>> by_type;
    for (const auto& [type, text] : s.principals) by_type[type].push_back(text);
    out += s.not_principal ? ",\"NotPrincipal\":{" : ",\"Principal\":{";
    std::string comma;
    for (const auto& [type, texts] : by_type) out += std::exchange(comma, ",") + quoted(type) + ":" + list(texts);
    out += "}";
  }
  out += std::string(s.not_action ? ",\"NotAction\":" : ",\"Action\":") + list(s.actions);
  out += std::string(s.not_resource ? ",\"NotResource\":" : ",\"Resource\":") + list(s.resources);
  if (s.conditions.empty()) return out + "}";
  std::map<std::string, std::map<std::string, std::vector<std::string>>> by_operator;
  for (const Condition& c : s.conditions) by_operator[c.operator_text][c.key] = c.values;
  out += ",\"Condition\":{";
  std::string comma;
  for (const auto& [name, keys] : by_operator) {
    out += std::exchange(comma, ",") + quoted(name) + ":{";
    std::string inner;
    for (const auto& [key, values] : keys) out += std::exchange(inner, ",") + quoted(key) + ":" + list(values);
    out += "}";
  }
  return out + "}}";
}

inline std::string json(const Document& d) {
  std::string out = "{";
  if (!d.version.empty()) out += "\"Version\":" + quoted(d.version) + ",";
  out += "\"Statement\":";
  if (d.statements.size() == 1) return out + json(d.statements[0]) + "}";
  out += "[";
  std::string comma;
  for (const Statement& s : d.statements) out += std::exchange(comma, ",") + json(s);
  return out + "]}";
}

}  // namespace gatehouse::policy::naive
