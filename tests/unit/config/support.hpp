#pragma once
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "config/load.hpp"

namespace gatehouse::config {

inline const std::filesystem::path kSource = GATEHOUSE_SOURCE_DIR;

inline std::string read_whole(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline void write_whole(const std::filesystem::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  ASSERT_TRUE(out.flush()) << path;
}

/// A directory of its own, gone with the test.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-config-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string write(const std::string& name, const std::string& text) const {
    write_whole(path_ / name, text);
    return (path_ / name).string();
  }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

/// An environment variable for the length of a scope.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

/// One line a fault: `error [code] place: text`, then warnings.
inline std::string listed(const Diagnostics& diagnostics) {
  std::string out;
  for (const Error& error : diagnostics.errors())
    out += "error [" + std::string(name(error.code)) + "] " + error.what() + "\n";
  for (const Error& warning : diagnostics.warnings()) out += "warning " + warning.what() + "\n";
  return out;
}

struct Loaded {
  std::optional<Config> config;
  Diagnostics diagnostics;
};

inline Loaded load_yaml(const std::string& text, const std::string& directory = ".") {
  Loaded out;
  out.config = load_text(text, "test.yaml", directory, out.diagnostics);
  return out;
}

}  // namespace gatehouse::config
