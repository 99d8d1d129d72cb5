#include "gateway/access_log.hpp"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "unit/gateway/paper_context.hpp"

namespace gatehouse::gateway {
namespace {

std::string line(const config::AccessLog& settings, RequestContext& context) {
  config::Diagnostics diagnostics;
  const auto format = AccessLogFormat::compile(settings, diagnostics);
  EXPECT_TRUE(diagnostics.ok());
  std::string out;
  format.append(out, context);
  return out;
}

TEST(AccessLog, EachLineIsJsonWhateverAClientSends) {
  test::PaperContext context(access::ApiType::Http,
                             "GET /a?token=s3cret HTTP/1.1\r\nHost: x\r\nUser-Agent: a\"\\\x80\xff\tb\r\n"
                             "Authorization: Bearer s3cret\r\nCookie: s3cret\r\n\r\n");
  ASSERT_TRUE(context.parsed);
  context.target.path = "/a";
  context.target.raw_query = "token=s3cret";
  const std::string text = line({}, context);
  rapidjson::Document document;
  document.Parse(text.c_str());
  ASSERT_FALSE(document.HasParseError()) << text;
  EXPECT_EQ(text.back(), '\n');
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  EXPECT_STREQ(document["path"].GetString(), "/a");
  EXPECT_STREQ(document["routeKey"].GetString(), "GET /orders/{id}");
  EXPECT_STREQ(document["integrationStatus"].GetString(), "-");
  EXPECT_EQ(text.find("s3cret"), std::string::npos);
}

TEST(AccessLog, OwnMembers) {
  test::PaperContext context(access::ApiType::Rest);
  config::AccessLog settings;
  settings.format = {{"who", "$context.identity.sourceIp in $context.stage"}};
  EXPECT_EQ(line(settings, context), "{\"who\":\"10.1.2.3 in live\"}\n");
}

TEST(AccessLog, WhatAnAuthorizerOfAnHttpApiSaysKeepsItsType) {
  const access::TypedValue said[] = {
      {"text", "a\"b", access::ValueType::String},       {"number", "-1.5e3", access::ValueType::Number},
      {"yes", "true", access::ValueType::Bool},          {"nothing", "", access::ValueType::Null},
      {"map", "{\"a\":\n[1]}", access::ValueType::Json}, {"digits", "007", access::ValueType::String},
  };
  struct Case {
    const char* format;
    const char* rest;
    const char* http;
  };
  const Case cases[] = {
      {"$context.authorizer.text", "\"a\\\"b\"", "\"a\\\"b\""},
      {"$context.authorizer.number", "\"-1.5e3\"", "-1.5e3"},
      {"$context.authorizer.yes", "\"true\"", "true"},
      {"$context.authorizer.nothing", "\"-\"", "null"},
      {"$context.authorizer.map", "\"{\\\"a\\\":\\n[1]}\"", "{\"a\": [1]}"},
      {"$context.authorizer.digits", "\"007\"", "\"007\""},
      {"$context.authorizer.absent", "\"-\"", "\"-\""},
      {"$context.authorizer.principalId", "\"ada\"", "\"ada\""},
      {"n=$context.authorizer.number", "\"n=-1.5e3\"", "\"n=-1.5e3\""},
      {"$context.authorizer.yes$context.authorizer.yes", "\"truetrue\"", "\"truetrue\""},
  };
  for (const Case& c : cases) {
    for (const auto type : {access::ApiType::Rest, access::ApiType::Http}) {
      test::PaperContext context(type);
      context.decision.identity.context = said;
      context.decision.identity.principal_id = "ada";
      config::AccessLog settings;
      settings.format = {{"x", c.format}};
      EXPECT_EQ(line(settings, context),
                std::string("{\"x\":") + (type == access::ApiType::Rest ? c.rest : c.http) + "}\n")
          << c.format;
    }
  }
}

TEST(AccessLog, UnknownVariableIsRefusedAtLoad) {
  config::AccessLog settings;
  settings.format = {{"x", "$context.nope"}};
  config::Diagnostics diagnostics;
  AccessLogFormat::compile(settings, diagnostics);
  ASSERT_EQ(diagnostics.errors().size(), 1u);
  EXPECT_NE(diagnostics.errors()[0].text.find("$context.nope"), std::string::npos);
}

std::string read(const std::string& path) {
  std::ifstream in(path);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

TEST(AccessLogWriter, WritesEverythingBeforeItIsGone) {
  const std::string path =
      std::filesystem::temp_directory_path() / ("gatehouse-access-log-" + std::to_string(::getpid()));
  std::string expected;
  {
    auto writer = AccessLogWriter::open(path);
    ASSERT_TRUE(writer);
    for (int i = 0; i < 1000; ++i) {
      std::string lines = "line " + std::to_string(i) + "\n";
      expected += lines;
      (*writer)->write(lines);
      EXPECT_TRUE(lines.empty());
    }
  }
  EXPECT_EQ(read(path), expected);
  std::filesystem::remove(path);
}

TEST(AccessLogWriter, SaysWhichFileItCannotOpen) {
  auto writer = AccessLogWriter::open("/nowhere/at/all.log");
  ASSERT_FALSE(writer);
  EXPECT_NE(writer.error().text.find("/nowhere/at/all.log"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::gateway
