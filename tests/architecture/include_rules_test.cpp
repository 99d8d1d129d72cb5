// The rules refuse what they must: a guard that never barked is not known to be one.
#include "architecture/include_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::architecture {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kTable =
    "base: \n"
    "net: base\n"
    "http: base\n"
    "server: http net\n"
    "config: base\n"
    "plugin: config http\n";

RoomTable table() {
  std::vector<std::string> faults;
  RoomTable out = read_table(kTable, faults);
  EXPECT_THAT(faults, IsEmpty());
  return out;
}

TEST(RoomTable, IsTransitive) {
  EXPECT_THAT(table()["server"], ElementsAre("base", "http", "net"));
}

TEST(RoomTable, NamesACycle) {
  std::vector<std::string> faults;
  read_table("a: b\nb: c\nc: a\n", faults);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_THAT(faults[0], HasSubstr("may include one another"));
}

TEST(RoomTable, NamesARoomThatIsNone) {
  std::vector<std::string> faults;
  read_table("a: nowhere\n", faults);
  EXPECT_THAT(faults, ElementsAre(HasSubstr("`nowhere`, which is no room")));
}

struct IncludeCase {
  const char* name;
  const char* file;
  const char* line;
  const char* complaint;  // a part of it; empty: allowed
};

const IncludeCase kIncludes[] = {
    {"own room", "core/net/loop.cpp", "#include \"net/loop.hpp\"", ""},
    {"direct", "core/server/a.cpp", "#include \"http/method.hpp\"", ""},
    {"transitive", "core/server/a.cpp", "#include \"base/text.hpp\"", ""},
    {"standard", "core/http/a.cpp", "#include <string>", ""},
    {"system", "core/server/a.cpp", "#include <netinet/tcp.h>", ""},
    {"against the arrows", "core/http/a.cpp", "#include \"net/loop.hpp\"", "`http` may not include `net`"},
    {"back up", "core/base/a.hpp", "#include \"config/config.hpp\"", "`base` may not include `config`"},
    {"sideways", "core/net/a.cpp", "  #  include \"http/method.hpp\"", "`net` may not include `http`"},
    {"inside #if 0", "core/net/a.cpp", "#if 0\n#include \"http/method.hpp\"\n#endif", "may not include"},
    {"no room named", "core/net/a.cpp", "#include \"loop.hpp\"", "names no room"},
    {"climbing", "core/net/a.cpp", "#include \"../http/method.hpp\"", "climbs"},
    {"climbing inside", "core/net/a.cpp", "#include \"net/../http/method.hpp\"", "climbs"},
    {"unknown room", "core/net/a.cpp", "#include \"cellar/a.hpp\"", "`cellar` is no room"},
    {"room without a row", "core/attic/a.cpp", "#include \"net/loop.hpp\"", "is no room"},
    {"angle brackets round ours", "core/http/a.cpp", "#include <net/loop.hpp>", "quotes"},
    {"a macro", "core/http/a.cpp", "#include HEADER", "names no room"},
    {"library at its door", "core/config/a.cpp", "#include <yaml-cpp/yaml.h>", ""},
    {"library past its door", "core/net/a.cpp", "#include <yaml-cpp/yaml.h>", "has its door elsewhere"},
    {"HTTP of Poco", "core/http/a.cpp", "#include <Poco/Net/HTTPRequest.h>", "has its door elsewhere"},
    {"epoll past its door", "core/server/a.cpp", "#include <sys/epoll.h>", "has its door elsewhere"},
    {"library without a door", "core/net/a.cpp", "#include <zlib/zlib.h>", "without a door"},
    {"ABI at its door", "core/plugin/a.cpp", "#include <gatehouse/abi.h>", ""},
    {"ABI past its door", "core/http/a.cpp", "#include <gatehouse/abi.h>", "has its door elsewhere"},
    {"plugin and SDK", "plugins/jwt/a.cpp", "#include <gatehouse/authorizer.hpp>", ""},
    {"plugin and itself", "plugins/jwt/a.cpp", "#include \"token.hpp\"", ""},
    {"plugin and a library", "plugins/jwt/a.cpp", "#include <openssl/evp.h>", ""},
    {"plugin and core", "plugins/jwt/a.cpp", "#include \"base/text.hpp\"", "reaches into the core"},
    {"plugin and core, angled", "plugins/examples/x/a.c", "#include <net/loop.hpp>", "reaches into the core"},
    {"plugin and its neighbour", "plugins/jwt/a.cpp", "#include \"../iam/a.hpp\"", "climbs"},
    {"SDK and itself", "plugin-sdk/include/gatehouse/authorizer.hpp", "#include <gatehouse/abi.h>", ""},
    {"SDK and core", "plugin-sdk/include/gatehouse/authorizer.hpp", "#include \"http/method.hpp\"",
     "reaches into the core"},
    {"kit and its library", "plugin-sdk/kit/json/json.cpp", "#include <rapidjson/reader.h>", ""},
    {"kit and its header", "plugin-sdk/kit/json/json.cpp", "#include \"gatehouse/kit/json.hpp\"", ""},
    {"kit and another's library", "plugin-sdk/kit/json/json.cpp", "#include <boost/dll.hpp>", "door elsewhere"},
    {"kit of another library", "plugin-sdk/kit/jose/key.cpp", "#include <openssl/evp.h>", ""},
    {"kit and its neighbour's library", "plugin-sdk/kit/json/json.cpp", "#include <openssl/evp.h>", "door elsewhere"},
    {"kit and itself", "plugin-sdk/kit/jose/key.cpp", "#include \"text.hpp\"", ""},
    {"kit and core", "plugin-sdk/kit/json/json.cpp", "#include \"base/text.hpp\"", "reaches into the core"},
    {"SDK and a library", "plugin-sdk/include/gatehouse/abi.h", "#include <boost/dll.hpp>", "condition of the SDK"},
    {"tests go anywhere", "tests/unit/net/a.cpp", "#include \"server/server.hpp\"", ""},
};

class Includes : public ::testing::TestWithParam<IncludeCase> {};

TEST_P(Includes, AreJudged) {
  const IncludeCase& c = GetParam();
  const auto found = includes_of(c.line);
  ASSERT_EQ(found.size(), 1u) << c.line;
  const auto complaint = judge(table(), home_of(c.file), found[0]);
  if (*c.complaint) {
    ASSERT_TRUE(complaint.has_value()) << c.name;
    EXPECT_THAT(*complaint, HasSubstr(c.complaint));
  } else {
    EXPECT_EQ(complaint.value_or(""), "");
  }
}

INSTANTIATE_TEST_SUITE_P(Table, Includes, ::testing::ValuesIn(kIncludes), [](const auto& given) {
  std::string name;
  for (char c : std::string_view(given.param.name)) {
    if (std::isalnum(static_cast<unsigned char>(c))) name += c;
  }
  return name;
});

TEST(IncludesOf, SkipsCommentsAndCountsLines) {
  const auto found = includes_of("// #include \"a/a.hpp\"\n/* #include <b>\n#include <c> */\n#include <d>  // why\n");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].path, "d");
  EXPECT_EQ(found[0].line, 4);
  EXPECT_FALSE(found[0].quoted);
}

TEST(JudgeText, WantsGuards) {
  EXPECT_THAT(judge_text("core/a/b.hpp", "struct A {};\n"), ElementsAre(HasSubstr("#pragma once")));
  EXPECT_THAT(judge_text("core/a/b.hpp", "#pragma once\n"), IsEmpty());
  EXPECT_THAT(judge_text("plugin-sdk/include/gatehouse/abi.h", "int a;\n"), ElementsAre(HasSubstr("include guard")));
}

TEST(JudgeText, RefusesUnfinishedBusiness) {
  EXPECT_THAT(judge_text("core/a/b.cpp", std::string("\n// TO") + "DO: later\n"),
              ElementsAre(HasSubstr("line 2 says")));
  EXPECT_THAT(judge_text("core/a/b.cpp", std::string("// FIX") + "ME\n"), ElementsAre(HasSubstr("line 1 says")));
  EXPECT_THAT(judge_text("core/a/b.cpp", "int kPAD_XXXL = 0; auto mktemp = \"/tmp/XXXXXX\";\n"), IsEmpty());
}

}  // namespace
}  // namespace gatehouse::architecture
