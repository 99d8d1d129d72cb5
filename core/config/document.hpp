#pragma once
#include <map>
#include <string>
#include <vector>

#include "config/diagnostics.hpp"
#include "config/node.hpp"

namespace gatehouse::config {

inline constexpr std::size_t kMaxFileBytes = 4 * 1024 * 1024;
inline constexpr std::size_t kMaxIncludes = 64;
inline constexpr std::size_t kMaxIncludeDepth = 8;

/// The text of a configuration: a file and what it includes as one map of sections, `${...}` resolved.
struct Document {
  std::vector<std::string> files;        // by Mark::file, as messages name them
  std::vector<std::string> directories;  // by Mark::file: what relative paths start from
  Node root;
  bool whole = true;           // false: some text could not be read, so that what is missing may stand there
  std::vector<Error> exposed;  // files that others could change, with where each is named
  /// What `${env:...}` and `${file:...}` gave, by value: the words of the file to show in its place.
  std::map<std::string, std::string> hidden;

  Document() = default;
  Document(Document&&) = default;
  Document& operator=(Document&&) = delete;
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;
  /// Wipes what was resolved.
  ~Document();

  Where where(const Mark& mark) const;
};

/// Reads `path`; faults of bytes, YAML, includes and references go to `diagnostics`. [setup]
Document read_document(const std::string& path, Diagnostics& diagnostics);
/// The same for a text: `name` in messages, includes from `directory`.
Document read_document_text(const std::string& text, const std::string& name, const std::string& directory,
                            Diagnostics& diagnostics);

}  // namespace gatehouse::config
