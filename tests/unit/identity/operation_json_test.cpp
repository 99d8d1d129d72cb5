#include "identity/operation_json.hpp"

#include <gtest/gtest.h>

namespace gatehouse::identity {
namespace {

Value user(std::string_view name) {
  Value out;
  out.set("UserName", name).set("CreateDate", Value::of_time(1'769'860'800));
  return out;
}

TEST(OperationJson, IsAsAwsCommandLinePrintsIt) {
  Value out;
  out.set("User", user("ann"));
  out.set("Document", Value::of_document(R"({"Version":"2012-10-17","Statement":[],"N":1.50})"));
  out.set("Broken", Value::of_document("{"));
  out.set("Count", Value::of_number(-3)).set("IsTruncated", Value::of_bool(true));
  out.set("Map", Value::map().set("k", Value::of("v")));
  EXPECT_EQ(to_json(out), R"({
    "User": {
        "UserName": "ann",
        "CreateDate": "2026-01-31T12:00:00Z"
    },
    "Document": {
        "Version": "2012-10-17",
        "Statement": [],
        "N": 1.50
    },
    "Broken": "{",
    "Count": -3,
    "IsTruncated": true,
    "Map": {
        "k": "v"
    }
}
)");
  EXPECT_EQ(to_json(Value{}), "{}\n");
}

TEST(OperationJson, SendsNoControlToATerminal) {
  Value out;
  out.set("T", "\x1b[2J\xc2\x9b\x7f\"\\");
  EXPECT_EQ(to_json(out), "{\n    \"T\": \"\\u001b[2J\\u009b\\u007f\\\"\\\\\"\n}\n");
  EXPECT_EQ(to_text(out), "T  ?[2J??\"\\\n");
  Value turned;
  turned.set("T",
             "a\xe2\x80\xae"
             "b\xffz\n");
  EXPECT_EQ(to_text(turned), "T  a?b?z?\n");
}

TEST(OperationText, IsForPeople) {
  Value list;
  list.set("Users", Value::list().push(user("ann")).push(user("b")));
  EXPECT_EQ(to_text(list),
            "UserName  CreateDate\n"
            "ann       2026-01-31T12:00:00Z\n"
            "b         2026-01-31T12:00:00Z\n");
  Value names;
  names.set("PolicyNames", Value::list().push(Value::of("p")).push(Value::of("q")));
  EXPECT_EQ(to_text(names), "p\nq\n");
  Value none;
  none.set("Users", Value::list());
  EXPECT_EQ(to_text(none), "(none)\n");
  Value one;
  one.set("User", user("\xc3\xa9").set("Tags", Value::list().push(Value{}.set("Key", "k").set("Value", "v"))));
  EXPECT_EQ(to_text(one),
            "UserName    \xc3\xa9\n"
            "CreateDate  2026-01-31T12:00:00Z\n"
            "Tags:\n"
            "  Key  Value\n"
            "  k    v\n");
  Value document;
  document.set("PolicyName", "p").set("PolicyDocument", Value::of_document(R"({"a":1})"));
  EXPECT_EQ(to_text(document),
            "PolicyName  p\n"
            "PolicyDocument:\n"
            "  {\n"
            "      \"a\": 1\n"
            "  }\n");
  EXPECT_EQ(to_text(Value{}), "");
}

}  // namespace
}  // namespace gatehouse::identity
