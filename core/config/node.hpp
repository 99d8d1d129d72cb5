#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::config {

/// Where something stands: a file by its number in Document::files, line and column from 1.
struct Mark {
  std::uint32_t file = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

struct Member;

/// One value of a YAML text, untyped: what a plain scalar means depends on who reads it. Repeated keys are kept, so
/// that the reader can name both places.
struct Node {
  enum class Kind : std::uint8_t { Null, Scalar, List, Map, Bad };  // Bad: a fault was already told, say nothing more
  Kind kind = Kind::Null;
  bool plain = false;     // a scalar without quotes
  bool resolved = false;  // `text` holds what `${env:...}` or `${file:...}` stood for: never to be shown
  Mark mark;
  std::string text;
  std::string written;  // resolved scalars: the text of the file, which may be shown
  std::vector<Node> items;
  std::vector<Member> members;
};

struct Member {
  std::string key;
  Mark mark;
  Node value;
};

}  // namespace gatehouse::config
