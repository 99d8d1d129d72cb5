#include "config/document.hpp"

#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "config/interpolate.hpp"
#include "config/scalar.hpp"
#include "config/yaml.hpp"

namespace gatehouse::config {
namespace {

namespace fs = std::filesystem;

std::string identity_of(const std::string& path) {
  std::error_code ignored;
  const fs::path canonical = fs::weakly_canonical(path, ignored);
  return ignored ? path : canonical.string();
}

class Loader final : private YamlFaults {
 public:
  explicit Loader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  Document take() { return std::move(document_); }

  // `shown`: how the file that includes this one writes its path.
  void read_path(const std::string& path, const std::string& shown, const Mark* included_at, std::size_t depth) {
    std::string exposed;
    auto text = read_file(path, shown, kMaxFileBytes, exposed);
    note(std::move(exposed), included_at != nullptr ? document_.where(*included_at) : Where{path, 0, 0});
    if (!text) {
      Error error = std::move(text).error();
      document_.whole = false;
      diagnostics_.error(included_at == nullptr ? std::move(error)
                                                : std::move(error).at(document_.where(*included_at)));
      return;
    }
    const fs::path parent = fs::path(path).parent_path();
    read_text(*text, path, parent.empty() ? "." : parent.string(), depth);
  }

  void read_text(const std::string& text, const std::string& name, const std::string& directory, std::size_t depth) {
    const auto file = static_cast<std::uint32_t>(document_.files.size());
    document_.files.push_back(name);
    document_.directories.push_back(directory);
    if (text.size() > kMaxFileBytes) {
      fault(Code::Limit, {file, 0, 0}, "larger than " + size_text(static_cast<std::int64_t>(kMaxFileBytes)));
      return;
    }
    const std::size_t before = diagnostics_.errors().size();
    Node root;
    if (!parse_yaml(text, file, nodes_, root, *this)) {
      document_.whole = false;
      return;
    }
    if (diagnostics_.errors().size() != before) document_.whole = false;
    if (root.kind == Node::Kind::Null) {
      fault(Code::Invalid, {file, 0, 0}, "the file is empty");
      return;
    }
    if (root.kind != Node::Kind::Map) {
      if (root.kind != Node::Kind::Bad)
        fault(Code::Invalid, root.mark, "the file must be a map of sections, `gateway:`, `listeners:`, ...");
      document_.whole = false;
      return;
    }
    resolve(root);
    merge(std::move(root), depth);
  }

  void seen(const std::string& path, const Mark& mark) { seen_.emplace(identity_of(path), mark); }

 private:
  void fault(Code code, Mark mark, std::string text) override {
    if (code == Code::Limit) document_.whole = false;
    diagnostics_.error(Error{code, std::move(text), document_.where(mark)});
  }

  void note(std::string exposed, Where where) {
    if (!exposed.empty()) document_.exposed.push_back({Code::Refused, std::move(exposed), std::move(where)});
  }

  void resolve(Node& node) {
    for (Node& item : node.items) resolve(item);
    for (Member& member : node.members) {
      if (has_reference(member.key))
        fault(Code::Invalid, member.mark, "`" + member.key + "`: `${...}` is resolved in values, not in keys");
      resolve(member.value);
    }
    if (node.kind != Node::Kind::Scalar) return;
    std::string exposed;
    auto value = interpolate(node.text, document_.directories[node.mark.file], budget_, exposed);
    note(std::move(exposed), document_.where(node.mark));
    if (!value) {
      diagnostics_.error(std::move(value).error().at(document_.where(node.mark)));
      node.kind = Node::Kind::Bad;
      return;
    }
    if (!*value) return;
    if (has_reference(node.text)) {
      node.resolved = true;
      node.written = node.text;
      document_.hidden.emplace(**value, node.written);
    }
    node.plain = false;
    node.text = std::move(**value);
  }

  // Sections that both have are put together; what is in both is a repeated key, told by whoever reads the section.
  void merge(Node root, std::size_t depth) {
    Node& into = document_.root;
    if (into.kind != Node::Kind::Map) {
      into.kind = Node::Kind::Map;
      into.mark = root.mark;
    }
    std::vector<Node> includes;
    const std::size_t older = into.members.size();
    for (Member& member : root.members) {
      if (member.key == "include") {
        includes.push_back(std::move(member.value));
        continue;
      }
      Member* same = nullptr;
      for (std::size_t i = 0; i < older; ++i)
        if (into.members[i].key == member.key) same = &into.members[i];
      if (same != nullptr && same->value.kind == Node::Kind::Map && member.value.kind == Node::Kind::Map) {
        for (Member& inner : member.value.members) same->value.members.push_back(std::move(inner));
      } else {
        into.members.push_back(std::move(member));
      }
    }
    if (includes.size() > 1)
      fault(Code::Invalid, includes[1].mark, "`include` is written twice: list the files in one");
    if (!includes.empty()) include(includes[0], depth);
  }

  void include(const Node& value, std::size_t depth) {
    if (value.kind == Node::Kind::Scalar) return include_one(value, depth);
    if (value.kind != Node::Kind::List) {
      if (value.kind != Node::Kind::Bad) fault(Code::Invalid, value.mark, "`include` takes a list of files");
      return;
    }
    for (const Node& item : value.items) {
      if (item.kind == Node::Kind::Scalar) {
        include_one(item, depth);
      } else if (item.kind != Node::Kind::Bad) {
        fault(Code::Invalid, item.mark, "`include` takes a list of files");
      }
    }
  }

  void include_one(const Node& item, std::size_t depth) {
    const std::string shown = "`" + (item.resolved ? item.written : item.text) + "`";
    if (item.text.empty()) return fault(Code::Invalid, item.mark, "`include` names no file");
    const std::string path = path_from(document_.directories[item.mark.file], item.text);
    const auto [earlier, first] = seen_.emplace(identity_of(path), item.mark);
    if (!first) {
      const std::string at = document_.where(earlier->second).text();
      return fault(Code::Conflict, item.mark,
                   earlier->second.line == 0 ? "file " + shown + " includes itself"
                                             : "file " + shown + " is included at " + at + " already");
    }
    if (seen_.size() > kMaxIncludes + 1)
      return fault(Code::Limit, item.mark, "more than " + std::to_string(kMaxIncludes) + " included files");
    if (depth >= kMaxIncludeDepth)
      return fault(Code::Limit, item.mark,
                   "included files nest deeper than " + std::to_string(kMaxIncludeDepth) + " levels");
    read_path(path, item.resolved ? item.written : path, &item.mark, depth + 1);
  }

  Diagnostics& diagnostics_;
  Document document_;
  std::size_t nodes_ = 0;
  std::size_t budget_ = kMaxResolved;
  std::map<std::string, Mark> seen_;  // files by identity: where each was included
};

void wipe(Node& node) {
  if (node.resolved && !node.text.empty()) ::explicit_bzero(node.text.data(), node.text.size());
  for (Node& item : node.items) wipe(item);
  for (Member& member : node.members) wipe(member.value);
}

}  // namespace

Document::~Document() {
  wipe(root);
  while (!hidden.empty()) {
    auto entry = hidden.extract(hidden.begin());
    if (!entry.key().empty()) ::explicit_bzero(entry.key().data(), entry.key().size());
  }
}

Where Document::where(const Mark& mark) const {
  return {mark.file < files.size() ? files[mark.file] : std::string(), mark.line, mark.column};
}

Document read_document(const std::string& path, Diagnostics& diagnostics) {
  Loader loader(diagnostics);
  loader.seen(path, {});
  loader.read_path(path, path, nullptr, 0);
  return loader.take();
}

Document read_document_text(const std::string& text, const std::string& name, const std::string& directory,
                            Diagnostics& diagnostics) {
  Loader loader(diagnostics);
  loader.seen(path_from(directory, name), {});
  loader.read_text(text, name, directory.empty() ? "." : directory, 0);
  return loader.take();
}

}  // namespace gatehouse::config
