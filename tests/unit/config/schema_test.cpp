#include "support.hpp"

#include "config/reference.hpp"

namespace gatehouse::config {
namespace {

const std::filesystem::path kFile = kSource / "config/gatehouse.schema.json";

TEST(Schema, TheKeptOneIsCurrent) {
  if (::getenv("GATEHOUSE_UPDATE_GOLDEN") != nullptr) write_whole(kFile, json_schema());
  EXPECT_EQ(read_whole(kFile), json_schema()) << "write it anew with `gatehouse schema`";
}

TEST(Schema, KnowsEveryKey) {
  const std::string schema = json_schema();
  for (const std::string& key : all_keys())
    EXPECT_NE(schema.find("\"" + key.substr(key.find('.') + 1) + "\": {"), std::string::npos) << key;
}

TEST(Schema, DefaultsAreThoseOfTheStructs) {
  const std::string schema = json_schema();
  for (const char* part : {"\"default\": \"us-east-1\"", "\"default\": \"310s\"", "\"default\": \"10MiB\"",
                           "\"default\": 4096", "\"default\": \"round_robin\"", "\"default\": \"reject\""})
    EXPECT_NE(schema.find(part), std::string::npos) << part;
}

}  // namespace
}  // namespace gatehouse::config
