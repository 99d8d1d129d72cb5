#pragma once
#include <cstddef>
#include <string>

#include "base/error.hpp"
#include "config/node.hpp"

namespace gatehouse::config {

inline constexpr std::size_t kMaxDepth = 64;
inline constexpr std::size_t kMaxNodes = 1'000'000;  // of a file and its includes together

/// Is told each fault of a text.
class YamlFaults {
 public:
  virtual void fault(Code code, Mark mark, std::string text) = 0;

 protected:
  ~YamlFaults() = default;
};

/// Reads one YAML document: the only door to yaml-cpp, whose exceptions end here. UTF-8 without control bytes, one
/// document, at most kMaxDepth levels; anchors, aliases, tags and keys that are not plain words are faults. `nodes`
/// counts the values read and may not pass kMaxNodes. False when the text could not be read to its end; `root` is
/// then of no use. [setup]
bool parse_yaml(const std::string& text, std::uint32_t file, std::size_t& nodes, Node& root, YamlFaults& faults);

}  // namespace gatehouse::config
