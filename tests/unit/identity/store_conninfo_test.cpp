#include <gmock/gmock.h>

#include "identity/sql_conninfo.hpp"

namespace gatehouse::identity {
namespace {

struct Good {
  const char* name;
  std::string text;
  std::string poco;
};
void PrintTo(const Good& good, std::ostream* out) {
  *out << good.name;
}
class ConninfoGood : public ::testing::TestWithParam<Good> {};

TEST_P(ConninfoGood, IsSaidAsPocoTakesIt) {
  const auto conninfo = Conninfo::parse(GetParam().text);
  ASSERT_TRUE(conninfo) << conninfo.error().what();
  const auto poco = conninfo->poco();
  ASSERT_TRUE(poco) << poco.error().what();
  EXPECT_EQ(*poco, GetParam().poco);
}
INSTANTIATE_TEST_SUITE_P(
    All, ConninfoGood,
    ::testing::Values(
        Good{"plain", "host=db dbname=gatehouse", "host='db' dbname='gatehouse'"},
        Good{"blanks", "  host = db\tdbname\n=\n x ", "host='db' dbname='x'"},
        Good{"quotes", R"(password='a\'b\\c' user=d)", R"(password='a\'b\\c' user='d')"},
        Good{"backslash_outside_of_quotes", R"(password=a\'b)", R"(password='a\'b')"},
        Good{"empty_value", "password='' user=x", "password='' user='x'"},
        Good{"equals_in_value", "password=a=b=", "password='a=b='"}, Good{"last_of_two", "user=a user=b", "user='b'"},
        Good{"options", "options='-c geqo=off -c x=y'", "options='-c\tgeqo=off\t-c\tx=y'"},
        Good{"uri", "postgresql://ann:se%40cret@db:5433/gate?sslmode=verify-full&options=-c%20a%3Db",
             "user='ann' password='se@cret' host='db' port='5433' dbname='gate' sslmode='verify-full' "
             "options='-c\ta=b'"},
        Good{"uri_short", "postgres://db", "host='db'"}, Good{"uri_empty_host", "postgresql:///gate", "dbname='gate'"},
        Good{"uri_socket", "postgresql://%2Fvar%2Frun%2Fpostgresql/gate", "host='/var/run/postgresql' dbname='gate'"},
        Good{"uri_ipv6", "postgresql://[::1]:5432/x", "host='::1' port='5432' dbname='x'"},
        Good{"uri_many", "postgresql://a:1,b,[::2]:3/x?target_session_attrs=read-write",
             "host='a,b,::2' port='1,,3' dbname='x' target_session_attrs='read-write'"},
        Good{"uri_jdbc_ssl", "postgresql://db/x?ssl=true", "host='db' dbname='x' sslmode='require'"},
        Good{"uri_parameters_only", "postgresql://?host=db&dbname=x", "host='db' dbname='x'"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Conninfo, RefusesWhatItCannotRead) {
  for (const std::string text :
       {"", "   ", "db", "host", "host=db gatehouse", "host='db", "=x", "HOST=db", "ho st=x", "h\xc3\xb6st=x",
        "postgresql://", "postgresql://a%zz/", "postgresql://a%0", "postgresql://a%00b", "postgresql://[::1/x",
        "postgresql://[::1]x/y", "postgresql://a?b", "mysql://db/x"}) {
    const auto conninfo = Conninfo::parse(text);
    ASSERT_FALSE(conninfo) << text;
    EXPECT_EQ(conninfo.error().code, Code::Invalid);
  }
  EXPECT_FALSE(Conninfo::parse(std::string("host=a\0b", 8)));
  EXPECT_FALSE(Conninfo::parse("host=" + std::string(20'000, 'a')));
}

TEST(Conninfo, NamesTheServerWithoutItsPassword) {
  EXPECT_EQ(Conninfo::parse("postgresql://ann:sesame@db:5433/gate")->name(), "postgresql:db:5433/gate");
  EXPECT_EQ(Conninfo::parse("password=sesame dbname=gate")->name(), "postgresql:/gate");
  const auto spaced = Conninfo::parse("password='open sesame'")->poco();
  ASSERT_FALSE(spaced);
  EXPECT_THAT(spaced.error().text, ::testing::HasSubstr("passfile="));
  EXPECT_THAT(spaced.error().text, ::testing::Not(::testing::HasSubstr("sesame")));
}

TEST(Conninfo, AddsTimeoutsWhereNoneIsGiven) {
  auto conninfo = Conninfo::parse("host=db connect_timeout=9").value();
  conninfo.set_timeout(4'500);
  EXPECT_EQ(conninfo.get("connect_timeout"), "9");
  EXPECT_EQ(conninfo.get("tcp_user_timeout"), "4500");
  EXPECT_EQ(conninfo.get("application_name"), "gatehouse");
}

}  // namespace
}  // namespace gatehouse::identity
