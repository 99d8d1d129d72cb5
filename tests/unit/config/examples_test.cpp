// What we show must load: config/, its examples, and the blocks of docs/configuration.md.
#include <sstream>

#include "support.hpp"

namespace gatehouse::config {
namespace {

void expect_loads(const std::filesystem::path& file) {
  Diagnostics diagnostics;
  EXPECT_TRUE(load(file.string(), diagnostics)) << listed(diagnostics);
  EXPECT_EQ(listed(diagnostics), "") << file;
}

TEST(Examples, AllLoadWithoutAWarning) {
  const Variable token("GATE_TOKEN", "open-sesame");
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kSource / "config")) {
    if (entry.path().filename() != "gatehouse.yaml" && entry.path().filename() != "upstream.yaml") continue;
    expect_loads(entry.path());
    ++files;
  }
  EXPECT_GE(files, 7u);
}

// Takes every setting of the commented default into use: `#key` but not `# words`.
TEST(Examples, TheDefaultLoadsWithEverySettingTakenIntoUse) {
  ::setenv("GATEHOUSE_SIGNING_KEY", "a secret from outside the file", 1);
  std::istringstream in(read_whole(kSource / "config/gatehouse.yaml"));
  std::string text;
  for (std::string line; std::getline(in, line);) {
    const std::size_t at = line.find_first_not_of(' ');
    if (at != std::string::npos && line[at] == '#' && at + 1 < line.size() && line[at + 1] != ' ') line.erase(at, 1);
    text += line + "\n";
  }
  const Loaded loaded = load_yaml(text);
  ASSERT_TRUE(loaded.config) << listed(loaded.diagnostics);
  EXPECT_EQ(loaded.config->apis.size(), 6u);
  EXPECT_EQ(loaded.config->domains.size(), 1u);
}

// The values that the default shows in comments are the defaults.
TEST(Examples, TheDefaultShowsTheDefaults) {
  std::istringstream in(read_whole(kSource / "config/gatehouse.yaml"));
  std::string text;
  for (std::string line;
       std::getline(in, line) && line != "# Status, metrics, reload and explain on a Unix socket of mode 0600.";) {
    const std::size_t at = line.find_first_not_of(' ');
    if (at != std::string::npos && line[at] == '#' && at + 1 < line.size() && line[at + 1] != ' ') line.erase(at, 1);
    text += line + "\n";
  }
  const Loaded loaded = load_yaml(text);
  ASSERT_TRUE(loaded.config) << listed(loaded.diagnostics);
  const Gateway &shown = loaded.config->gateway, fresh;
  EXPECT_EQ(shown.region, fresh.region);
  EXPECT_EQ(shown.account_id, fresh.account_id);
  EXPECT_EQ(shown.workers, fresh.workers);
  EXPECT_EQ(shown.executor_threads, fresh.executor_threads);
  EXPECT_EQ(shown.limits.request_line_bytes, fresh.limits.request_line_bytes);
  EXPECT_EQ(shown.limits.header_bytes, fresh.limits.header_bytes);
  EXPECT_EQ(shown.limits.header_count, fresh.limits.header_count);
  EXPECT_EQ(shown.limits.body_bytes, fresh.limits.body_bytes);
  EXPECT_EQ(shown.limits.connections, fresh.limits.connections);
  EXPECT_EQ(shown.limits.connections_per_worker, fresh.limits.connections_per_worker);
  EXPECT_EQ(shown.limits.requests_per_connection, fresh.limits.requests_per_connection);
  EXPECT_EQ(shown.timeouts.header_read_ms, fresh.timeouts.header_read_ms);
  EXPECT_EQ(shown.timeouts.body_idle_ms, fresh.timeouts.body_idle_ms);
  EXPECT_EQ(shown.timeouts.write_idle_ms, fresh.timeouts.write_idle_ms);
  EXPECT_EQ(shown.timeouts.keep_alive_ms, fresh.timeouts.keep_alive_ms);
  EXPECT_EQ(shown.timeouts.drain_ms, fresh.timeouts.drain_ms);
  EXPECT_EQ(shown.timeouts.authorizer_ms, 10'000);  // has no default of its own (LA-B0, LA-B1)
  EXPECT_EQ(shown.rest_method_fallthrough, fresh.rest_method_fallthrough);
  EXPECT_EQ(shown.deny_message_current, fresh.deny_message_current);
  EXPECT_EQ(shown.log_level, fresh.log_level);
}

TEST(Examples, TheBlocksOfTheGuideLoad) {
  const Variable token("GATE_TOKEN", "open-sesame");
  std::istringstream in(read_whole(kSource / "docs/configuration.md"));
  std::size_t blocks = 0;
  std::string block;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line == "```yaml") {
      inside = true;
      block.clear();
    } else if (inside && line == "```") {
      inside = false;
      ++blocks;
      const Loaded loaded = load_yaml(block);
      EXPECT_TRUE(loaded.config) << block << listed(loaded.diagnostics);
    } else if (inside) {
      block += line + "\n";
    }
  }
  EXPECT_GE(blocks, 3u);
}

}  // namespace
}  // namespace gatehouse::config
