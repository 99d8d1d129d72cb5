// Plugins of frozen sources and headers, built by every compiler that is here, in today's host: one of this draft
// answers as it did, one of another draft is refused with a sentence that says what to do.
#include "unit/plugin/support.hpp"

namespace gatehouse::plugin::test {
namespace {

namespace fs = std::filesystem;
const fs::path kBuilt = GATEHOUSE_FROZEN_PLUGINS;
const std::string kToday = "draft-" + std::to_string(GH_ABI_DRAFT);

class Frozen : public HostTest {
 protected:
  /// A folder of plugins and the names of what is in it.
  static std::vector<fs::path> builds(const std::string& draft) {
    std::vector<fs::path> out;
    for (const auto& at : fs::directory_iterator(kBuilt / draft)) out.push_back(at.path());
    return out;
  }
  void answers(access::Authorizer& who) {
    const struct {
      const char* token;
      access::AnswerKind kind;
    } cases[] = {{"", access::AnswerKind::Unauthorized},
                 {"wrong", access::AnswerKind::Deny},
                 {"s3cret-token", access::AnswerKind::Allow}};
    for (const auto& c : cases) {
      Asked asked;
      if (*c.token != '\0') asked.header("x-token", c.token);
      const access::Answer answer = ask(who, asked);
      EXPECT_EQ(answer.kind, c.kind) << answer.reason;
      EXPECT_EQ(answer.challenge, c.kind == access::AnswerKind::Unauthorized ? "Token" : "");
      EXPECT_EQ(answer.principal_id, c.kind == access::AnswerKind::Allow ? "token-user" : "");
    }
  }
};

TEST_F(Frozen, ThisDraftsAnswerInOneHost) {
  ASSERT_TRUE(fs::exists(kBuilt / kToday)) << "GH_ABI_DRAFT went up: freeze this draft as tests/README.md says";
  // All stay loaded together: other compilers, C++ libraries and standards side by side.
  std::vector<std::shared_ptr<access::Authorizer>> all;
  const auto folders = builds(kToday);
  ASSERT_GE(folders.size(), 2u);
  for (const fs::path& folder : folders) {
    SCOPED_TRACE(folder);
    plugins.directories = {folder.string()};
    host->scan(plugins);
    for (const char* id : {"frozen.gate-c", "frozen.gate-cpp"}) {
      if (!fs::exists(folder / (std::string(id).substr(7) + ".so"))) continue;
      all.push_back(make(authorizer(id, R"({"token": "s3cret-token"})")));
      ASSERT_NE(all.back(), nullptr);
      answers(*all.back());
    }
    if (!fs::exists(folder / "later-cpp.so")) continue;
    all.push_back(make(authorizer("frozen.later-cpp")));
    ASSERT_NE(all.back(), nullptr);
    Asked asked;
    asked.header("x-user", "ann");
    const access::Answer answer = ask(*all.back(), asked);
    EXPECT_EQ(answer.kind, access::AnswerKind::Allow) << answer.reason;
    EXPECT_EQ(answer.principal_id, "ann");
  }
  EXPECT_EQ(mapped_libraries().size(), all.size());
  all.clear();
  until([] { return mapped_libraries().empty(); });
}

TEST_F(Frozen, AnotherDraftIsRefusedBeforeItsCodeRuns) {
  std::vector<std::pair<fs::path, std::string>> others{{kBuilt / "other", "9999"}};
  for (const auto& draft : fs::directory_iterator(kBuilt)) {
    const std::string name = draft.path().filename().string();
    if (!name.starts_with("draft-") || name == kToday) continue;
    for (const fs::path& folder : builds(name)) others.emplace_back(folder, name.substr(6));
  }
  for (const auto& [folder, draft] : others) {
    SCOPED_TRACE(folder);
    plugins.directories = {folder.string()};
    host->scan(plugins);
    for (const CatalogEntry& entry : host->catalog().list()) {
      const auto refused = host->make(authorizer(entry.manifest.id, R"({"token": "s3cret-token"})"));
      ASSERT_FALSE(refused);
      for (const std::string& part :
           {"draft " + draft, "draft " + std::to_string(GH_ABI_DRAFT), std::string("rebuild")})
        EXPECT_NE(refused.error().text.find(part), std::string::npos) << refused.error().text;
    }
    EXPECT_FALSE(host->catalog().list().empty());
  }
  EXPECT_FALSE(mapped());
}

}  // namespace
}  // namespace gatehouse::plugin::test
