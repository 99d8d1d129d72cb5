#include "config/interpolate.hpp"

#include <sys/stat.h>

#include "support.hpp"

namespace gatehouse::config {
namespace {

std::string put(std::string_view text, const std::string& directory = ".") {
  std::size_t budget = kMaxResolved;
  std::string exposed;
  const auto out = interpolate(text, directory, budget, exposed);
  if (!out) return "error: " + out.error().text;
  return out->has_value() ? **out : "unchanged";
}

TEST(Interpolate, Texts) {
  const Variable value("GATEHOUSE_TEST_A", "one"), nested("GATEHOUSE_TEST_N", "${env:GATEHOUSE_TEST_A}"),
      empty("GATEHOUSE_TEST_E", "");
  const struct {
    const char* text;
    const char* out;
  } kCases[] = {
      {"plain", "unchanged"},
      {"$ { } $x", "unchanged"},
      {"${env:GATEHOUSE_TEST_A}", "one"},
      {"<${env:GATEHOUSE_TEST_A}${env:GATEHOUSE_TEST_A}>", "<oneone>"},
      {"${env:GATEHOUSE_TEST_E}", ""},
      {"${env:GATEHOUSE_TEST_N}", "${env:GATEHOUSE_TEST_A}"},
      {"$${env:GATEHOUSE_TEST_A}", "${env:GATEHOUSE_TEST_A}"},
      {"$$${env:GATEHOUSE_TEST_A}", "$${env:GATEHOUSE_TEST_A}"},
      {"/${stageVariables.x}/${env:GATEHOUSE_TEST_A}", "/${stageVariables.x}/one"},
      {"${stageVariables.x}", "${stageVariables.x}"},
      {"${ENV:X}", "${ENV:X}"},
      {"${env:}", "error: `${env:}` does not name an environment variable"},
      {"${env:A B}", "error: `${env:A B}` does not name an environment variable"},
      {"${env:1A}", "error: `${env:1A}` does not name an environment variable"},
      {"${env:GATEHOUSE_TEST_ABSENT}", "error: environment variable `GATEHOUSE_TEST_ABSENT` is not set"},
      {"x ${env:A", "error: `${env:` without its `}` (write `$${` for a plain `${`)"},
      {"${file:}", "error: `${file:}` does not name a file"},
  };
  for (const auto& c : kCases) EXPECT_EQ(put(c.text), c.out) << c.text;
}

TEST(Interpolate, EnvironmentMustBeUtf8) {
  const Variable value("GATEHOUSE_TEST_A", "caf\xe9");
  EXPECT_EQ(put("${env:GATEHOUSE_TEST_A}"), "error: environment variable `GATEHOUSE_TEST_A` does not hold UTF-8");
}

TEST(Interpolate, Files) {
  const Folder folder;
  const auto file = [&](const std::string& text) {
    folder.write("secret", text);
    return put("${file:secret}", folder.path());
  };
  EXPECT_EQ(file("token"), "token");
  EXPECT_EQ(file("token\n"), "token");
  EXPECT_EQ(file("token\r\n"), "token");
  EXPECT_EQ(file("token\n\n"), "token\n") << "one line end is cut, no more";
  EXPECT_EQ(file(""), "");
  EXPECT_EQ(file("${env:HOME}"), "${env:HOME}");
  EXPECT_EQ(file(std::string("a\0b", 3)), "error: file `" + folder.path() + "/secret` does not hold UTF-8 text");
  EXPECT_EQ(file(std::string(kMaxSecretFile, 'x')).size(), kMaxSecretFile);
  EXPECT_EQ(file(std::string(kMaxSecretFile + 1, 'x')),
            "error: file `" + folder.path() + "/secret` is larger than 64KiB");
  EXPECT_EQ(put("${file:" + folder.path() + "/secret}").size(), put("${file:secret}", folder.path()).size());
}

TEST(Interpolate, WhatIsNotARegularFileIsRefused) {
  const Folder folder;
  ASSERT_EQ(::mkfifo((folder.path() + "/pipe").c_str(), 0600), 0);
  EXPECT_EQ(put("${file:pipe}", folder.path()), "error: `" + folder.path() + "/pipe` is not a regular file");
  EXPECT_EQ(put("${file:.}", folder.path()), "error: `" + folder.path() + "/.` is not a regular file");
  EXPECT_EQ(put("${file:no}", folder.path()),
            "error: cannot read file `" + folder.path() + "/no`: No such file or directory");
}

TEST(Interpolate, IsBoundedInAll) {
  const Variable value("GATEHOUSE_TEST_A", "12345");
  std::size_t budget = 9;
  std::string exposed;
  EXPECT_TRUE(interpolate("${env:GATEHOUSE_TEST_A}", ".", budget, exposed));
  const auto second = interpolate("${env:GATEHOUSE_TEST_A}", ".", budget, exposed);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::Limit);
}

TEST(Interpolate, HasReference) {
  for (const char* text : {"${env:A}", "a${file:x}", "$${${env:A}", "$$$${env:A}${env:B}"})
    EXPECT_TRUE(has_reference(text)) << text;
  for (const char* text : {"", "$", "$${env:A}", "${stageVariables.env:A}", "$${file:A}", "{env:A}"})
    EXPECT_FALSE(has_reference(text)) << text;
}

}  // namespace
}  // namespace gatehouse::config
