#include "config/yaml.hpp"

#include "support.hpp"

namespace gatehouse::config {
namespace {

struct Told final : YamlFaults {
  void fault(Code code, Mark mark, std::string text) override {
    codes.push_back(code);
    texts.push_back(std::to_string(mark.line) + ":" + std::to_string(mark.column) + ": " + text);
  }
  std::vector<Code> codes;
  std::vector<std::string> texts;
};

struct Parsed {
  bool read = false;
  Node root;
  Told told;
  std::size_t nodes = 0;
};
Parsed parse(const std::string& text) {
  Parsed out;
  out.read = parse_yaml(text, 0, out.nodes, out.root, out.told);
  return out;
}

TEST(Yaml, KeepsPlacesQuotesOrderAndRepeats) {
  const Parsed p = parse("b: 'x'\na: [1, {c: ~}]\nb: |\n  text\nd:\ne: after\n");
  ASSERT_TRUE(p.read);
  EXPECT_TRUE(p.told.texts.empty());
  const auto& members = p.root.members;
  ASSERT_EQ(members.size(), 5u);
  EXPECT_EQ(members[0].key, "b");
  EXPECT_FALSE(members[0].value.plain);
  EXPECT_EQ(members[0].value.text, "x");
  EXPECT_EQ(members[1].value.items[0].text, "1");
  EXPECT_TRUE(members[1].value.items[0].plain);
  EXPECT_EQ(members[1].value.items[1].members[0].value.kind, Node::Kind::Null);
  EXPECT_EQ(members[2].key, "b");
  EXPECT_EQ(members[2].mark.line, 3u);
  EXPECT_EQ(members[2].mark.column, 1u);
  EXPECT_EQ(members[2].value.text, "text\n");
  EXPECT_EQ(members[3].value.kind, Node::Kind::Null);
  EXPECT_EQ(members[3].value.mark.line, 5u) << "an absent value stands at its key";
  EXPECT_EQ(members[4].value.mark.line, 6u);
  EXPECT_EQ(members[4].value.mark.column, 4u);
}

TEST(Yaml, HostileNestingIsRefusedWithoutTheStack) {
  for (const char* piece : {"[", "{", "[{", "{a: ", "- ", "? ", "[a: ", "{a: [", "[? "}) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += piece;
    const Parsed p = parse(text);
    EXPECT_FALSE(p.read) << piece;
    EXPECT_EQ(p.told.texts.size(), 1u) << piece;
  }
}

TEST(Yaml, NestsToTheLimitAndNoFurther) {
  const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  EXPECT_TRUE(parse(nested(kMaxDepth)).read);
  const Parsed p = parse(nested(kMaxDepth + 1));
  EXPECT_FALSE(p.read);
  EXPECT_EQ(p.told.codes, std::vector<Code>{Code::Limit});
}

TEST(Yaml, AliasesCannotMultiply) {
  std::string text = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c <= 'z'; ++c) {
    const std::string before(1, static_cast<char>(c - 1));
    text += std::string(1, c) + ": &" + c + " [*" + before + ", *" + before + ", *" + before + "]\n";
  }
  const Parsed p = parse(text);
  EXPECT_FALSE(p.told.texts.empty());
  EXPECT_LT(p.nodes, 200u);
  for (const Code code : p.told.codes) EXPECT_EQ(code, Code::Unsupported);
}

TEST(Yaml, CountsValuesOfAllTextsTogether) {
  std::size_t nodes = kMaxNodes - 2;
  Node root;
  Told told;
  EXPECT_TRUE(parse_yaml("[a]", 0, nodes, root, told));
  EXPECT_FALSE(parse_yaml("[a]", 0, nodes, root, told));
  EXPECT_EQ(told.codes, std::vector<Code>{Code::Limit});
}

TEST(Yaml, RefusesBytesThatReadersDifferOn) {
  const struct {
    const char* name;
    std::string text;
    std::string said;
  } kCases[] = {
      {"NUL", std::string("a: b\0c", 6), "1:5: a NUL byte: the file must be UTF-8 text"},
      {"end of text for yaml-cpp", "a: b\n# \x04\nc: d\n", "2:3: control byte 0x04: the file must be plain text"},
      {"escape", "a: \x1b[0m", "1:4: control byte 0x1b: the file must be plain text"},
      {"delete", "a: \x7f", "1:4: control byte 0x7f: the file must be plain text"},
      {"Latin 1", "a: b\nc: caf\xe9\n", "2:1: not UTF-8: save the file as UTF-8"},
      {"tab", "a:\n\tb: c\n", "2:1: a tab indents this line: YAML takes blanks only"},
      {"key is a list", "? [a]\n: b\n", "1:3: a list cannot be a key"},
      {"no key", ": b\n", "1:1: a key is missing in front of `:`"},
      {"second document", "a: b\n---\nc: d\n", "2:1: text behind the end of the document: a file holds one document"},
  };
  for (const auto& c : kCases) {
    const Parsed p = parse(c.text);
    EXPECT_FALSE(p.read) << c.name;
    EXPECT_EQ(p.told.texts, std::vector<std::string>{c.said}) << c.name;
  }
}

TEST(Yaml, TakesAByteOrderMarkAndWindowsLines) {
  const Parsed p = parse(
      "\xEF\xBB\xBF"
      "a: b\r\nc:\r\n  - d\r\n");
  ASSERT_TRUE(p.read);
  ASSERT_EQ(p.root.members.size(), 2u);
  EXPECT_EQ(p.root.members[0].key, "a");
  EXPECT_EQ(p.root.members[0].value.text, "b");
  EXPECT_EQ(p.root.members[1].value.items[0].text, "d");
}

TEST(Yaml, LargeFlatTextsAreReadInTime) {
  std::string text = "list:\n";
  while (text.size() < 1'000'000) text += "  - {type: mock, status: 200, body: 'some text'}\n";
  EXPECT_TRUE(parse(text).read);
}

}  // namespace
}  // namespace gatehouse::config
