#pragma once
#include <gtest/gtest.h>

#include "identity/operation.hpp"
#include "unit/identity/store_support.hpp"

namespace gatehouse::identity::testing {

/// Random bytes that count up: ids are the same in every run, and no two alike.
class CountingRandom final : public base::Random {
 public:
  void fill(std::span<unsigned char> out) noexcept override {
    for (unsigned char& byte : out) byte = static_cast<unsigned char>(next_++ * 7 % 251);
  }

 private:
  unsigned next_ = 1;
};

inline const std::string kAllowAll =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})";

/// A store in memory and an operator at it. Parameters are written `UserName=ann;Tags=team:blue,env:dev;TagKeys=a,b`.
class OperationWorld : public ::testing::Test {
 protected:
  static Value parameters(const Operation& operation, std::string_view text) {
    Value out;
    for (std::string_view part : split(text, ';')) {
      const std::string_view name = part.substr(0, part.find('='));
      const std::string_view value = part.substr(std::min(part.size(), name.size() + 1));
      Parameter::Kind kind = Parameter::Kind::Text;
      const Parameter* known = nullptr;
      for (const Parameter& one : operation.parameters)
        if (one.name == name) known = &one;
      if (known != nullptr) kind = known->kind;
      Value read = Value::of(value);
      if (kind == Parameter::Kind::Texts || kind == Parameter::Kind::Structs) read = Value::list();
      if (kind == Parameter::Kind::Map) read = Value::map();
      if (kind == Parameter::Kind::Texts)
        for (const std::string_view item : split(value, ',')) read.push(Value::of(item));
      if (kind == Parameter::Kind::Structs)
        for (const std::string_view item : split(value, ',')) {
          const std::size_t colon = item.rfind(':');
          read.push(Value{}
                        .set(known->fields[0].name, item.substr(0, colon))
                        .set(known->fields[1].name, item.substr(colon + 1)));
        }
      if (kind == Parameter::Kind::Map)
        for (const std::string_view item : split(value, ','))
          read.set(item.substr(0, item.find('=')), item.substr(item.find('=') + 1));
      out.set(name, std::move(read));
    }
    return out;
  }

  Outcome<Value> perform(std::string_view name, std::string_view text, const OperationGuard* guard = nullptr) {
    const Operation* const operation = find_operation(name);
    if (operation == nullptr) return refuse("NoSuchOperation", std::string(name));
    const auto input = Input::check(*operation, parameters(*operation, text), door_);
    if (!input) return tl::unexpected(input.error());
    return identity::perform(*operation, *input, context_, *store_, guard);
  }

  /// `ok`, or `Code: message`.
  std::string said(std::string_view name, std::string_view text = "") {
    const auto done = perform(name, text);
    return done ? "ok" : done.error().code + ": " + done.error().message;
  }
  std::string code(std::string_view name, std::string_view text = "") {
    const auto done = perform(name, text);
    return done ? "ok" : done.error().code;
  }
  /// A member deep in the result: `User.Arn`, `Users.1.UserName`; empty when it is not there.
  std::string get(std::string_view name, std::string_view text, std::string_view path) {
    const auto done = perform(name, text);
    if (!done) return "(" + done.error().code + ")";
    const Value* at = &*done;
    for (const std::string_view part : split(path, '.')) {
      if (at->kind == Value::Kind::List) {
        const std::size_t index = std::stoul(std::string(part));
        if (index >= at->children.size()) return "";
        at = &at->children[index];
      } else if ((at = at->find(part)) == nullptr) {
        return "";
      }
    }
    if (at->kind == Value::Kind::List) return std::to_string(at->children.size()) + " items";
    return at->text.empty() ? std::to_string(at->number) : at->text;
  }

  static std::vector<std::string_view> split(std::string_view text, char by) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(by), text.size());
      out.push_back(text.substr(0, end));
      text.remove_prefix(std::min(text.size(), end + 1));
    }
    return out;
  }

  static std::string policy_arn(std::string_view name) {
    return "arn:aws:iam::" + std::string(kAccount) + ":policy/" + std::string(name);
  }

  std::shared_ptr<Store> store_ = open_sqlite(":memory:");
  CountingRandom random_;
  OperationContext context_{std::string(kAccount), "eu-central-1", OperationContext::Who::Operator, {},
                            1'769'860'800,         &random_};
  Input::Door door_ = Input::Door::CommandLine;
};

}  // namespace gatehouse::identity::testing
