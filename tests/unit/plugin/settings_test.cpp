#include "plugin/settings.hpp"

#include <gtest/gtest.h>

namespace gatehouse::plugin {
namespace {

constexpr const char* kSchema = R"({
  "type": "object", "required": ["token"], "additionalProperties": false,
  "properties": {
    "token": {"type": "string", "minLength": 8, "maxLength": 20},
    "realm": {"type": "string", "default": "here"},
    "skew": {"type": "integer", "default": 5, "minimum": 0},
    "keys": {"type": "array", "items": {"$ref": "#/$defs/key"}, "maxItems": 2},
    "mode": {"enum": ["strict", "lenient"]},
    "nested": {"type": "object", "properties": {"deep": {"type": "boolean", "default": true}}}},
  "$defs": {"key": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}}})";

struct Case {
  const char* name;
  const char* json;
  const char* fault;  // a part of the message; null: fine
};
const Case kCases[] = {
    {"least", R"({"token": "long-enough"})", nullptr},
    {"all", R"({"token": "long-enough", "realm": "x", "skew": 0, "keys": [{"id": "a"}], "mode": "strict"})", nullptr},
    {"missing", "{}", "settings: `token` is missing"},
    {"too short", R"({"token": "short"})", "`/token` does not satisfy `minLength`: 8"},
    {"too long", R"({"token": "s3cret-s3cret-s3cret-s3cret"})", "`/token` does not satisfy `maxLength`: 20"},
    {"another type", R"({"token": 12345678})", "`/token` does not satisfy `type`: \"string\""},
    {"misspelt", R"({"token": "long-enough", "relm": "x"})", "unknown setting `relm`, did you mean `realm`?"},
    {"unknown", R"({"token": "long-enough", "frobnicate": 1})", "unknown setting `frobnicate`"},
    {"minimum", R"({"token": "long-enough", "skew": -1})", "`/skew` does not satisfy `minimum`: 0"},
    {"inside a list", R"({"token": "long-enough", "keys": [{"id": "a"}, {}]})", "`/keys/1`: `id` is missing"},
    {"enum", R"({"token": "long-enough", "mode": "s3cret"})",
     "`/mode` does not satisfy `enum`: [\"strict\",\"lenient\"]"},
    {"too many", R"({"token": "long-enough", "keys": [{"id": "a"}, {"id": "b"}, {"id": "c"}]})",
     "`/keys` does not satisfy `maxItems`: 2"},
    {"no object", "[]", "settings: not an object"},
    {"twice", R"({"token": "long-enough", "token": "long-enough"})", "a member is there twice"},
    {"no JSON", R"({"token": s3cret})", "malformed JSON"},
    {"a number out of range", R"({"token": "long-enough", "skew": 1e999})", "too big"},
};

TEST(Settings, AreHeldToTheSchema) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto settings = Settings::make(base::Secret(c.json), kSchema, "gate");
    if (c.fault == nullptr) {
      EXPECT_TRUE(settings) << settings.error().text;
      continue;
    }
    ASSERT_FALSE(settings);
    EXPECT_NE(settings.error().text.find(c.fault), std::string::npos) << settings.error().text;
    EXPECT_EQ(settings.error().text.find("s3cret"), std::string::npos) << settings.error().text;
  }
}

// A number means the same in a schema and in settings, to the last bit; zeros that are written strangely are zeros.
TEST(Settings, NumbersAreExact) {
  struct Row {
    const char *schema, *number;
    bool held;
  };
  for (const Row& row : {
           Row{R"({"enum": [0]})", "0.0e57", true}, Row{R"({"enum": [0]})", "-0", true},
           Row{R"({"enum": [0.1234567890123456789]})", "0.12345678901234568", true},
           Row{R"({"enum": [9007199254740993]})", "9007199254740993", true},
           Row{R"({"enum": [9007199254740993]})", "9007199254740992", false},
           Row{R"({"enum": [18446744073709551615]})", "18446744073709551615", true},
           Row{R"({"minimum": -9223372036854775808})", "-9223372036854775808", true},
           Row{R"({"minimum": -9223372036854775808})", "-9223372036854777856", false},
           Row{R"({"type": "integer"})", "4294967296", true}, Row{R"({"type": "integer"})", "0.5", false},
           Row{R"({"type": "number"})", "1e-400", false},  // out of range
       }) {
    const std::string schema = R"({"type": "object", "properties": {"n": )" + std::string(row.schema) + "}}";
    const auto made = Settings::make(base::Secret(R"({"n": )" + std::string(row.number) + "}"), schema.c_str(), "gate");
    EXPECT_EQ(made.has_value(), row.held) << row.schema << " " << row.number;
  }
}

TEST(Settings, WithoutASchemaThereAreNone) {
  EXPECT_TRUE(Settings::make(base::Secret("{}"), nullptr, "gate"));
  EXPECT_TRUE(Settings::make(base::Secret(), nullptr, "gate"));
  const auto refused = Settings::make(base::Secret(R"({"a": 1})"), nullptr, "gate");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text.find("unknown setting `a`"), std::string::npos) << refused.error().text;
}

TEST(Settings, ASchemaThatWouldNotBeHeldIsRefused) {
  for (const char* schema :
       {"[]", "{", R"({"const": 1})", R"({"properties": {"a": {"if": {}}}})", R"({"items": [{"contains": {}}]})",
        R"({"minimum": 1, "exclusiveMinimum": 1})", R"({"properties": []})", R"({"pattern": "a"})",

        R"({"patternProperties": {}})", R"({"allOf": {}})", R"({"not": {"$ref": "other.json"}})",
        R"({"not": {"$ref": "#/definitions/none"}})", R"({"$ref": "#/definitions/a", "definitions": {"a": {}}})",
        R"({"definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"$ref": "#/definitions/a"}}})",
        R"({"a": 1, "a": 2})"}) {
    const auto settings = Settings::make(base::Secret("{}"), schema, "gate");
    ASSERT_FALSE(settings) << schema;
    EXPECT_EQ(settings.error().code, Code::Refused);
    EXPECT_NE(settings.error().text.find("for its author to fix"), std::string::npos) << settings.error().text;
  }
}

std::string get(const Settings& settings, std::string_view pointer) {
  const gh_str p{pointer.data(), pointer.size()};
  gh_val v{};
  if (settings.c()->get(settings.c(), &p, &v) != GH_OK) return "none";
  return std::to_string(v.type) + " " + std::string(v.val.ptr, v.val.len);
}

TEST(Settings, AreReadByPointer) {
  const auto made = Settings::make(
      base::Secret(R"({"token": "long-enough", "keys": [{"id": "a"}, {"id": "b"}], "nested": {}})"), kSchema, "gate");
  ASSERT_TRUE(made) << made.error().text;
  const Settings& s = **made;
  EXPECT_EQ(get(s, "/token"), "1 long-enough");
  EXPECT_EQ(get(s, "/realm"), "1 here");  // a default
  EXPECT_EQ(get(s, "/skew"), "2 5");
  EXPECT_EQ(get(s, "/nested/deep"), "3 true");
  EXPECT_EQ(get(s, "/keys"), R"(4 [{"id":"a"},{"id":"b"}])");
  EXPECT_EQ(get(s, "/keys/1/id"), "1 b");
  EXPECT_EQ(get(s, "/keys/2"), "none");
  EXPECT_EQ(get(s, "nonsense"), "none");
  EXPECT_EQ(std::string_view(s.c()->json.ptr, s.c()->json.len),
            R"({"token":"long-enough","keys":[{"id":"a"},{"id":"b"}],"nested":{"deep":true},"realm":"here","skew":5})");
  EXPECT_EQ(std::string_view(s.c()->instance.ptr, s.c()->instance.len), "gate");

  std::size_t n = 0;
  const gh_str keys{"/keys", 5}, token{"/token", 6}, root{"", 0};
  EXPECT_EQ(s.c()->count(s.c(), &keys, &n), GH_OK);
  EXPECT_EQ(n, 2u);
  EXPECT_EQ(s.c()->count(s.c(), &token, &n), GH_E_NOTFOUND);
  gh_str name{};
  EXPECT_EQ(s.c()->member(s.c(), &root, 0, &name), GH_OK);
  EXPECT_EQ(std::string_view(name.ptr, name.len), "token");
  EXPECT_EQ(s.c()->member(s.c(), &root, 5, &name), GH_E_NOTFOUND);
  EXPECT_EQ(s.c()->member(s.c(), &keys, 0, &name), GH_E_NOTFOUND);
}

TEST(Settings, AFingerprintTellsThemApart) {
  const auto a = Settings::make(base::Secret(R"({"token": "long-enough"})"), kSchema, "gate");
  const auto b = Settings::make(base::Secret(R"({ "token" : "long-enough" })"), kSchema, "gate");
  const auto c = Settings::make(base::Secret(R"({"token": "long-enougH"})"), kSchema, "gate");
  EXPECT_EQ((*a)->fingerprint(), (*b)->fingerprint());
  EXPECT_NE((*a)->fingerprint(), (*c)->fingerprint());
}

constexpr const char* kFiles = R"({
  "type": "object", "properties": {
    "policy_file": {"type": "string", "format": "file"},
    "other": {"type": "string"},
    "all": {"type": "array", "items": {"type": "object", "properties": {"in": {"type": "string", "format": "file"}}}}}})";

TEST(Settings, FilesStartAtTheFolderOfTheConfiguration) {
  const auto made = Settings::make(
      base::Secret(
          R"({"policy_file": "a/b.json", "other": "a/b.json", "all": [{"in": "/c"}, {"in": "d"}, {"in": ""}]})"),
      kFiles, "gate", "/etc/gatehouse");
  ASSERT_TRUE(made) << made.error().text;
  const auto& files = (*made)->files();
  ASSERT_EQ(files.size(), 3u);
  EXPECT_EQ(files[0].pointer + " " + files[0].path, "/policy_file /etc/gatehouse/a/b.json");
  EXPECT_EQ(files[1].pointer + " " + files[1].path, "/all/0/in /c");
  EXPECT_EQ(files[2].pointer + " " + files[2].path, "/all/1/in /etc/gatehouse/d");
  const gh_config* c = (*made)->c();
  EXPECT_EQ(
      std::string(c->json.ptr, c->json.len),
      R"({"policy_file":"/etc/gatehouse/a/b.json","other":"a/b.json","all":[{"in":"/c"},{"in":"/etc/gatehouse/d"},)"
      R"({"in":""}]})");
  const auto here = Settings::make(base::Secret(R"({"policy_file": "p.json"})"), kFiles, "gate");
  ASSERT_TRUE(here);
  EXPECT_TRUE((*here)->files().at(0).path.starts_with('/')) << "always absolute";
}

TEST(Settings, FilesWhereNobodyLooksForThemAreRefused) {
  for (const char* schema :
       {R"({"type": "object", "properties": {"a": {"$ref": "#/$defs/f"}}, "$defs": {"f": {"format": "file"}}})",
        R"({"type": "object", "properties": {"a": {"anyOf": [{"type": "string", "format": "file"}]}}})",
        R"({"type": "object", "additionalProperties": {"type": "string", "format": "file"}})",
        R"({"type": "object", "properties": {"a": {"type": "array", "items": [{"format": "file"}]}}})"}) {
    const auto made = Settings::make(base::Secret("{}"), schema, "gate");
    ASSERT_FALSE(made) << schema;
    EXPECT_NE(made.error().text.find("`properties` and `items`"), std::string::npos) << made.error().text;
  }
  EXPECT_TRUE(Settings::make(base::Secret("{}"), R"({"properties": {"format": {"enum": ["file"]}}})", "gate"));
}

}  // namespace
}  // namespace gatehouse::plugin
