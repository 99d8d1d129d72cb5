#include "config/document.hpp"

#include "config/yaml.hpp"
#include "support.hpp"

namespace gatehouse::config {
namespace {

TEST(Document, PutsSectionsOfIncludedFilesTogether) {
  const Folder folder;
  std::filesystem::create_directory(folder.path() + "/more");
  folder.write("secret", "s\n");
  folder.write("more/secret", "other\n");
  folder.write("more/deep.yaml", "upstreams: {c: {targets: ['${file:secret}']}}\n");
  folder.write("more/a.yaml", "include: deep.yaml\nupstreams: {b: {targets: [x]}}\nplugins: {}\n");
  const std::string main =
      folder.write("main.yaml", "upstreams: {a: {targets: ['${file:secret}']}}\ninclude: [more/a.yaml]\n");
  Diagnostics diagnostics;
  const Document document = read_document(main, diagnostics);
  ASSERT_TRUE(diagnostics.ok()) << listed(diagnostics);
  EXPECT_TRUE(document.whole);
  EXPECT_EQ(document.files,
            (std::vector<std::string>{main, folder.path() + "/more/a.yaml", folder.path() + "/more/deep.yaml"}));
  ASSERT_EQ(document.root.members.size(), 2u);
  const Node& upstreams = document.root.members[0].value;
  ASSERT_EQ(upstreams.members.size(), 3u);
  EXPECT_EQ(upstreams.members[0].value.members[0].value.items[0].text, "s");
  EXPECT_EQ(upstreams.members[2].key, "c");
  EXPECT_EQ(upstreams.members[2].value.members[0].value.items[0].text, "other") << "relative to the file it stands in";
  EXPECT_EQ(document.where(upstreams.members[2].mark).text(), folder.path() + "/more/deep.yaml:1:13");
}

TEST(Document, WhatWasResolvedIsNotPlain) {
  const Variable value("GATEHOUSE_TEST_A", "true");
  Diagnostics diagnostics;
  const Document document = read_document_text("a: ${env:GATEHOUSE_TEST_A}\nb: $${x}\n", "t.yaml", ".", diagnostics);
  const Node& a = document.root.members[0].value;
  EXPECT_TRUE(a.resolved);
  EXPECT_FALSE(a.plain);
  EXPECT_EQ(a.text, "true");
  EXPECT_EQ(a.written, "${env:GATEHOUSE_TEST_A}");
  EXPECT_EQ(document.root.members[1].value.text, "${x}");
  EXPECT_FALSE(document.root.members[1].value.resolved);
}

TEST(Document, NumberOfFilesIsBounded) {
  const Folder folder;
  std::string list = "include: [";
  for (std::size_t i = 0; i <= kMaxIncludes; ++i) {
    const std::string name = "f" + std::to_string(i) + ".yaml";
    folder.write(name, "upstreams: {}\n");
    list += name + ", ";
  }
  Diagnostics diagnostics;
  read_document(folder.write("main.yaml", list + "]\n"), diagnostics);
  ASSERT_EQ(diagnostics.errors().size(), 1u) << listed(diagnostics);
  EXPECT_EQ(diagnostics.errors()[0].code, Code::Limit);
}

TEST(Document, SizeOfAFileIsBounded) {
  const Folder folder;
  const std::string head = "upstreams: {}\n#";
  Diagnostics good, bad, text;
  read_document(folder.write("a.yaml", head + std::string(kMaxFileBytes - head.size(), 'x')), good);
  EXPECT_TRUE(good.ok()) << listed(good);
  read_document(folder.write("b.yaml", head + std::string(kMaxFileBytes - head.size() + 1, 'x')), bad);
  ASSERT_EQ(bad.errors().size(), 1u);
  EXPECT_EQ(bad.errors()[0].code, Code::Limit);
  read_document_text(head + std::string(kMaxFileBytes, 'x'), "t.yaml", ".", text);
  ASSERT_EQ(text.errors().size(), 1u);
  EXPECT_EQ(text.errors()[0].code, Code::Limit);
}

TEST(Document, AFileReachedByAnotherNameIsTheSameFile) {
  const Folder folder;
  folder.write("a.yaml", "upstreams: {}\n");
  std::filesystem::create_symlink("a.yaml", folder.path() + "/b.yaml");
  Diagnostics diagnostics;
  read_document(folder.write("main.yaml", "include: [a.yaml, ./a.yaml, b.yaml]\nplugins: {}\n"), diagnostics);
  EXPECT_EQ(diagnostics.errors().size(), 2u) << listed(diagnostics);
}

TEST(Document, AMissingFileIsAFault) {
  Diagnostics diagnostics;
  const Document document = read_document("/no/such/gatehouse.yaml", diagnostics);
  EXPECT_FALSE(document.whole);
  ASSERT_EQ(diagnostics.errors().size(), 1u);
  EXPECT_EQ(diagnostics.errors()[0].code, Code::NotFound);
}

}  // namespace
}  // namespace gatehouse::config
