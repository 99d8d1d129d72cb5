#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdio>

#include "app/iam_commands.hpp"
#include "app/policy_commands.hpp"
#include "base/clock.hpp"
#include "base/text.hpp"
#include "identity/operation_json.hpp"

namespace gatehouse::app {
namespace {

using identity::Operation;
using identity::Parameter;
using identity::Value;

constexpr std::size_t kAtOnce = 1'000;  // items that a list is read by

int say(const Error& error) {
  std::fprintf(stderr, "error: %s\n", printable(error.what()).c_str());
  return kFault;
}

int say(const identity::Fault& fault) {
  std::string text = fault.code + ": " + fault.message;
  for (char& c : text)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f) c = '?';
  std::fprintf(stderr, "error: %s\n", text.c_str());
  return kFault;
}

std::string option_name(const Parameter& parameter) {
  return "--" + identity::kebab_case(parameter.name) + (parameter.kind == Parameter::Kind::Secret ? "-file" : "");
}

/// What an operation's options have after parsing.
struct Given {
  const Parameter* parameter = nullptr;
  std::vector<std::string> texts;
  bool flag = false;
  CLI::Option* option = nullptr;
};

/// One subcommand of `gatehouse iam`.
struct Verb {
  const Operation* operation = nullptr;  // null: init or reseal
  CLI::App* parser = nullptr;
  std::vector<std::unique_ptr<Given>> given;
};

void add_option(CLI::App& parser, const Parameter& parameter, Given& given) {
  std::string help(parameter.help);
  if (parameter.kind == Parameter::Kind::Bool) {
    const std::string name = identity::kebab_case(parameter.name);
    given.option = parser.add_flag("--" + name + ",!--no-" + name, given.flag, help);
    return;
  }
  given.option = parser.add_option(option_name(parameter), given.texts, help);
  const bool many = parameter.kind == Parameter::Kind::Structs || parameter.kind == Parameter::Kind::Texts;
  if (many)
    given.option->expected(1, 1'000);
  else
    given.option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  given.option->allow_extra_args(false);  // else `[...]`, a list in JSON, would be taken apart at its commas
  if (parameter.required) given.option->required();
}

class IamCommand final : public Command {
 public:
  explicit IamCommand(CLI::App& parser) : outer_(parser) {
    // What stands behind `iam` is parsed by itself: its eighty subcommands need not be made for `gatehouse serve`.
    parser.set_help_flag();
    parser.prefix_command();
  }

  int run() override {
    CLI::App parser("Users, groups, roles, access keys and policies of the gateway's store of identities",
                    "gatehouse iam");
    declare(parser);
    std::vector<std::string> arguments = outer_.remaining();
    if (!knows_operation(parser, arguments)) return kUsage;
    std::reverse(arguments.begin(), arguments.end());
    try {
      parser.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
      return parser.exit(error) == 0 ? kOk : kUsage;
    }
    for (const auto& verb : verbs_)
      if (verb->parser->parsed()) return run(*verb);
    return kUsage;
  }

 private:
  void place_options(CLI::App& parser) {
    parser.add_option("-c,--config", place_.config, "gatehouse.yaml, whose `identity:` is the store");
    parser.add_option("--store", place_.store, "sqlite:PATH, postgresql:CONNECTION or file:PATH");
    parser.add_option("--master-key", place_.master_key, "file:PATH, env:NAME or credential:NAME");
    parser.add_option("--account", place_.account, "twelve digits; default: the gateway's");
    parser.add_option("--region", place_.region, "of identity pools; default: the gateway's")->group("");
    parser.add_flag("--json", json_, "print JSON as AWS's command line does");
  }

  CLI::App* add(CLI::App& parser, const std::string& name, const std::string& help) {
    auto& verb = verbs_.emplace_back(std::make_unique<Verb>());
    verb->parser = parser.add_subcommand(name, help);
    verb->parser->fallthrough();
    return verb->parser;
  }

  void declare(CLI::App& parser) {
    place_options(parser);
    parser.require_subcommand(1);
    parser.footer(
        "Options are those of AWS's command line; file://PATH stands for a file's content. Secrets are shown once.");
    init_ = add(parser, "init", "make the master key and the database, where they are not there");
    reseal_ = add(parser, "reseal", "seal every secret with the first of the master keys");
    for (const Operation* const operation : identity::all_operations()) {
      CLI::App* const sub = add(parser, identity::kebab_case(operation->name), std::string(operation->help));
      Verb& verb = *verbs_.back();
      verb.operation = operation;
      for (const Parameter& parameter : operation->parameters) {
        auto& given = verb.given.emplace_back(std::make_unique<Given>());
        given->parameter = &parameter;
        add_option(*sub, parameter, *given);
      }
    }
  }

  /// Says so when the first word is not one of ours, instead of that one is missing.
  bool knows_operation(const CLI::App& parser, const std::vector<std::string>& arguments) const {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const std::string& word = arguments[i];
      if (!word.starts_with('-')) {
        std::vector<std::string> names;
        for (const auto& verb : verbs_) names.push_back(verb->parser->get_name());
        if (std::find(names.begin(), names.end(), word) != names.end()) return true;
        const std::string_view near = base::nearest(word, {names.begin(), names.end()});
        std::fprintf(stderr, "error: `%s` is no operation%s%s%s; `gatehouse iam --help` lists them\n",
                     printable(word).c_str(), near.empty() ? "" : ": did you mean `", std::string(near).c_str(),
                     near.empty() ? "" : "`");
        return false;
      }
      const CLI::Option* const option = parser.get_option_no_throw(word);
      if (option != nullptr && option->get_items_expected_min() > 0) ++i;  // its value
    }
    return true;
  }

  int run(const Verb& verb) {
    const auto opened = open_iam_store(place_, verb.parser == init_);
    if (!opened) return say(opened.error());
    if (verb.parser == init_) {
      std::printf("%s is ready\n", printable(opened->store->name()).c_str());
      return kOk;
    }
    if (verb.parser == reseal_) return reseal(*opened->store);
    Value parameters;
    for (const auto& given : verb.given) {
      if (given->option->count() == 0) continue;
      if (given->parameter->kind == Parameter::Kind::Bool) {
        parameters.set(given->parameter->name, Value::of_bool(given->flag));
        continue;
      }
      auto value = iam_value(*given->parameter, given->texts);
      if (!value) {
        value.error().text = option_name(*given->parameter) + ": " + value.error().text;
        say(value.error());
        return kUsage;
      }
      parameters.set(given->parameter->name, std::move(*value));
    }
    return perform(*verb.operation, std::move(parameters), *opened);
  }

  int perform(const Operation& operation, Value parameters, const OpenedStore& opened) {
    base::SystemRandom random;
    identity::OperationContext context;
    context.account = opened.account;
    context.region = opened.region;
    context.now = base::system_clock().unix_ms() / 1'000;
    context.random = &random;
    const auto one_page = [&]() -> identity::Outcome<Value> {
      const auto input = identity::Input::check(operation, parameters, identity::Input::Door::CommandLine);
      if (!input) return tl::unexpected(input.error());
      return identity::perform(operation, *input, context, *opened.store);
    };
    auto result = paged(operation) && parameters.find("MaxItems") == nullptr && parameters.find("Marker") == nullptr
                      ? all_pages(parameters, one_page)
                      : one_page();
    if (!result) return say(result.error());
    if (operation.is(Operation::kGivesNothing) || (result->children.empty() && !json_)) return kOk;
    const std::string out = json_ ? identity::to_json(*result) : identity::to_text(*result);
    std::fwrite(out.data(), 1, out.size(), stdout);
    return std::fflush(stdout) == 0 ? kOk : kFault;
  }

  static bool paged(const Operation& operation) {
    return std::any_of(operation.parameters.begin(), operation.parameters.end(),
                       [](const Parameter& parameter) { return parameter.name == "MaxItems"; });
  }

  /// The pages one behind the other, as AWS's command line gives them.
  template <class OnePage>
  static identity::Outcome<Value> all_pages(Value& parameters, const OnePage& one_page) {
    Value out;
    const Value first = parameters;
    for (std::string marker;;) {
      parameters = first;
      parameters.set("MaxItems", Value::of_number(kAtOnce));
      if (!marker.empty()) parameters.set("Marker", marker);
      auto page = one_page();
      if (!page) return page;
      marker = page->text_of("Marker").value_or("");
      for (std::size_t i = 0; i < page->names.size(); ++i) {
        const std::string& name = page->names[i];
        Value& value = page->children[i];
        if (name == "IsTruncated" || name == "Marker") continue;
        const auto at = std::find(out.names.begin(), out.names.end(), name);
        if (at == out.names.end())
          out.set(name, std::move(value));
        else if (value.kind == Value::Kind::List)
          for (Value& item : value.children) out.children[at - out.names.begin()].push(std::move(item));
      }
      if (marker.empty()) return out;
    }
  }

  int reseal(identity::Store& store) const {
    std::fprintf(stderr, "sealing the secrets of %s with the key `%s`\n", printable(store.name()).c_str(),
                 printable(store.ring().current()).c_str());
    // For people who wait; a file or a pipe gets the sum alone.
    const bool watched = ::isatty(STDERR_FILENO) != 0;
    const auto done = store.reseal([watched](std::size_t so_far) {
      if (watched) std::fprintf(stderr, "\r%zu", so_far);
    });
    if (watched) std::fprintf(stderr, "\n");
    if (!done) return say(done.error());
    if (json_)
      std::printf("{\n    \"Resealed\": %zu\n}\n", *done);
    else
      std::printf("%zu secret%s sealed anew\n", *done, *done == 1 ? "" : "s");
    return kOk;
  }

  CLI::App& outer_;
  CLI::App *init_ = nullptr, *reseal_ = nullptr;
  IamPlace place_;
  bool json_ = false;
  std::vector<std::unique_ptr<Verb>> verbs_;
};

}  // namespace

std::unique_ptr<Command> iam_command(CLI::App& parser) {
  return std::make_unique<IamCommand>(parser);
}

}  // namespace gatehouse::app
