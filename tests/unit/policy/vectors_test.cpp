// IAM policy documents that nobody here wrote (moto's, with the verdicts of AWS) through the parser.
#include <gtest/gtest.h>
#include <rapidjson/document.h>
#include <rapidjson/writer.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "policy/parse.hpp"

namespace gatehouse::policy {
namespace {

struct Disagreement {
  const char* pointer;  // of the fault, when it is ours
  const char* rule;     // of spec iam-policy, that decides
};

// moto takes these, we do not.
const std::map<std::size_t, Disagreement> kWeRefuse = {
    {19, {"/Statement/Condition/a", "4.1: an unknown operator, be it without keys"}},
    {24, {"/Id", "1: no Id in documents of the identity type"}},
    {30, {"/Statement/Condition/DateGreaterThan/a", "4.2: `01T` is no date"}},
    {31, {"/Statement/Condition/x", "4.1: unknown operators"}},
    {36, {"/Statement/Condition/DateLessThanEquals/a", "4.2: W3C dates have two digits of hours, and hh:mm of offset"}},
    {37, {"/Statement/Condition/DateLessThan/a", "4.2: a year of four digits, or Unix seconds without a sign"}},
    {39, {"/Statement/0/Sid", "1: a Sid has letters and digits only"}},
    {40, {"/Statement/0/Sid", "1: a Sid has letters and digits only"}},
};
// AWS refuses these, we do not.
constexpr const char* kOtherService =
    "1: what the ARNs of another service look like is that service's; none of execute-api";
const std::map<std::size_t, const char*> kWeAccept = {
    {1, "1: no Version is 2008-10-17, and documents of that version have a meaning"},
    {2, "1: 2008-10-17 is a version"},
    {35, kOtherService},
    {36, "2.2, 3: an ARN of fewer than six parts is padded in documents of the identity type"},
    {55, kOtherService},
    {56, kOtherService},
    {71, "2.2, 3: the same for NotResource"},
};

std::string text_of(const rapidjson::Value& document) {
  if (document.IsString()) return {document.GetString(), document.GetStringLength()};
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  document.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

class PolicyVectors : public testing::Test {
 protected:
  void SetUp() override {
    const char* const folder = std::getenv("GATEHOUSE_VECTORS");
    const std::filesystem::path root = folder != nullptr
                                           ? std::filesystem::path(folder)
                                           : std::filesystem::path(GATEHOUSE_SOURCE) / "../shared/vectors";
    const std::filesystem::path file = root / "iam/policy-validation.json";
    std::ifstream in(file, std::ios::binary);
    if (!in) GTEST_SKIP() << "no test vectors: " << file;
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    all_.Parse(text.data(), text.size());
    ASSERT_FALSE(all_.HasParseError()) << file;
  }
  rapidjson::Document all_;
};

TEST_F(PolicyVectors, ValidDocumentsAreAcceptedButWhereTheSpecDecides) {
  const auto& documents = all_["valid_policy_documents"];
  ASSERT_EQ(documents.Size(), 54u);
  for (rapidjson::SizeType i = 0; i < documents.Size(); ++i) {
    const std::string text = text_of(documents[i]);
    const auto got = parse(text, Kind::Identity);
    const auto known = kWeRefuse.find(i);
    ASSERT_EQ(got.has_value(), known == kWeRefuse.end())
        << i << " " << text << "\n"
        << (got ? std::string("explained, yet accepted: ") + known->second.rule : policy::text(got.error()));
    if (got) continue;
    EXPECT_EQ(got.error().front().pointer, known->second.pointer) << known->second.rule;
  }
}

TEST_F(PolicyVectors, InvalidDocumentsAreRefusedButWhereTheSpecDecides) {
  const auto& cases = all_["invalid_policy_document_test_cases"];
  ASSERT_EQ(cases.Size(), 78u);
  for (rapidjson::SizeType i = 0; i < cases.Size(); ++i) {
    const std::string text = text_of(cases[i]["document"]);
    const auto got = parse(text, Kind::Identity);
    const auto known = kWeAccept.find(i);
    ASSERT_EQ(got.has_value(), known != kWeAccept.end())
        << i << " " << text << "\nAWS: " << cases[i]["error_message"].GetString() << "\n"
        << (got ? "" : std::string("explained, yet refused: ") + known->second + "\n" + policy::text(got.error()));
    if (got) continue;
    EXPECT_FALSE(got.error().front().text.empty());
  }
}

}  // namespace
}  // namespace gatehouse::policy
