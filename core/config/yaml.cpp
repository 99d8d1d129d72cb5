#include "config/yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <sstream>
#include <utility>

#include "base/text.hpp"

namespace gatehouse::config {
namespace {

struct Stop {};  // thrown through yaml-cpp once going on makes no sense; the fault is told before

class Builder final : public YAML::EventHandler {
 public:
  Builder(std::uint32_t file, std::size_t& nodes, YamlFaults& faults) : file_(file), nodes_(nodes), faults_(faults) {}

  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 2) stop(Code::Invalid, mark, "text behind the end of the document: a file holds one document");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    if (at_key()) stop(Code::Invalid, mark, "a key is missing in front of `:`");
    add(make(Node::Kind::Null, mark));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    const char* text = "aliases (`*name`) are not supported: write the value out, or share it with `include:`";
    if (at_key()) stop(Code::Unsupported, mark, text);
    fault(Code::Unsupported, mark, text);
    add(make(Node::Kind::Bad, mark));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override {
    check_tag(mark, tag);
    if (value.find('\0') != std::string::npos) fault(Code::Invalid, mark, "a text may not hold a NUL (`\\0`)");
    if (at_key()) {
      Frame& top = stack_.back();
      top.node.members.push_back({value, place(mark), {}});
      top.key_given = true;
      return;
    }
    Node node = make(Node::Kind::Scalar, mark);
    node.plain = tag == "?";
    node.text = value;
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    if (at_key()) stop(Code::Invalid, mark, "a list cannot be a key");
    push(Node::Kind::List, mark);
  }
  void OnSequenceEnd() override { pop(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    if (at_key()) stop(Code::Invalid, mark, "a map cannot be a key (a text with braces goes into quotes)");
    push(Node::Kind::Map, mark);
  }
  void OnMapEnd() override { pop(); }
  void OnAnchor(const YAML::Mark& mark, const std::string&) override {
    fault(Code::Unsupported, mark,
          "anchors (`&name`) are not supported: write the value out, or share it with `include:`");
  }

 private:
  struct Frame {
    Node node;
    bool key_given = false;
  };

  Mark place(const YAML::Mark& mark) const {
    const auto count = [](int n) { return n < 0 ? 0u : static_cast<std::uint32_t>(n) + 1; };
    return {file_, count(mark.line), count(mark.column)};
  }
  void fault(Code code, const YAML::Mark& mark, std::string text) { faults_.fault(code, place(mark), std::move(text)); }
  [[noreturn]] void stop(Code code, const YAML::Mark& mark, std::string text) {
    fault(code, mark, std::move(text));
    throw Stop{};
  }
  bool at_key() const {
    return !stack_.empty() && stack_.back().node.kind == Node::Kind::Map && !stack_.back().key_given;
  }
  void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!")
      fault(Code::Unsupported, mark, "tags (`!name`) are not supported: quotes make a text, nothing else is needed");
  }
  Node make(Node::Kind kind, const YAML::Mark& mark) {
    if (++nodes_ > kMaxNodes)
      stop(Code::Limit, mark, "more than " + std::to_string(kMaxNodes) + " values in the configuration");
    Node node;
    node.kind = kind;
    node.mark = place(mark);
    return node;
  }
  void push(Node::Kind kind, const YAML::Mark& mark) {
    if (stack_.size() >= kMaxDepth)
      stop(Code::Limit, mark, "nested deeper than " + std::to_string(kMaxDepth) + " levels");
    stack_.push_back({make(kind, mark), false});
  }
  void pop() {
    Node done = std::move(stack_.back().node);
    stack_.pop_back();
    add(std::move(done));
  }
  void add(Node node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& top = stack_.back();
    if (top.node.kind == Node::Kind::List) {
      top.node.items.push_back(std::move(node));
      return;
    }
    Member& member = top.node.members.back();
    // yaml-cpp places an absent value at whatever comes next.
    if (node.kind == Node::Kind::Null) node.mark = member.mark;
    member.value = std::move(node);
    top.key_given = false;
  }

  std::uint32_t file_;
  std::size_t& nodes_;
  YamlFaults& faults_;
  int documents_ = 0;
  std::vector<Frame> stack_;
  Node root_;
};

// yaml-cpp takes byte 0x04 for the end of the text and guesses at UTF-16, so neither may reach it.
bool check_bytes(const std::string& text, std::uint32_t file, YamlFaults& faults) {
  std::uint32_t line = 1, column = 1;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == '\n') {
      ++line;
      column = 1;
      continue;
    }
    if ((byte < 0x20 && byte != '\t' && byte != '\r') || byte == 0x7F) {
      faults.fault(Code::Invalid, {file, line, column},
                   byte == 0
                       ? "a NUL byte: the file must be UTF-8 text"
                       : "control byte 0x" + base::hex(std::string_view(&c, 1)) + ": the file must be plain text");
      return false;
    }
    ++column;
  }
  if (base::is_utf8(text)) return true;
  line = 1;
  for (std::size_t from = 0; from < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    if (!base::is_utf8(std::string_view(text).substr(from, end - from))) break;
    from = end + 1;
  }
  faults.fault(Code::Invalid, {file, line, 1}, "not UTF-8: save the file as UTF-8");
  return false;
}

std::string_view line_of(const std::string& text, std::uint32_t line) {
  std::size_t from = 0;
  for (std::uint32_t at = 1; at < line && from != std::string::npos; ++at) {
    from = text.find('\n', from);
    if (from != std::string::npos) ++from;
  }
  if (from == std::string::npos) return {};
  return std::string_view(text).substr(from, text.find('\n', from) - from);
}

constexpr const char* kFlowHint = " (a bracket is not closed, or a text that holds one of `{}[],` is not in quotes)";

bool tab_indents(std::string_view line) {
  const std::size_t at = line.find_first_not_of(' ');
  return at != std::string_view::npos && line[at] == '\t';
}

void parser_fault(const std::string& text, std::uint32_t file, const YAML::Exception& error, YamlFaults& faults) {
  Mark mark{file, 0, 0};
  if (!error.mark.is_null()) {
    mark.line = static_cast<std::uint32_t>(error.mark.line) + 1;
    mark.column = static_cast<std::uint32_t>(error.mark.column) + 1;
  }
  for (std::uint32_t line = mark.line; line > 0 && line + 2 > mark.line; --line) {
    if (!tab_indents(line_of(text, line))) continue;
    faults.fault(Code::Invalid, {file, line, 1}, "a tab indents this line: YAML takes blanks only");
    return;
  }
  const bool in_flow = error.msg.find("flow") != std::string::npos;
  faults.fault(Code::Invalid, mark, "not YAML: " + error.msg + (in_flow ? kFlowHint : ""));
}

}  // namespace

bool parse_yaml(const std::string& text, std::uint32_t file, std::size_t& nodes, Node& root, YamlFaults& faults) {
  if (!check_bytes(text, file, faults)) return false;
  try {
    Builder builder(file, nodes, faults);
    std::istringstream in(text);
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(builder)) {
    }
    root = builder.take();
    return true;
  } catch (const Stop&) {
  } catch (const YAML::Exception& error) {
    parser_fault(text, file, error, faults);
  } catch (const std::exception&) {
    faults.fault(Code::Invalid, {file, 0, 0}, "not YAML: the parser gave up");
  }
  return false;
}

}  // namespace gatehouse::config
