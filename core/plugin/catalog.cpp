#include "plugin/catalog.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/text.hpp"

namespace gatehouse::plugin {
namespace {

constexpr std::size_t kMaxFiles = 4096;
constexpr std::string_view kBundledPrefix = "gatehouse.";

CatalogEntry examine(const Catalog::Place& place, const std::string& directory, std::string file) {
  CatalogEntry out;
  out.directory = directory;
  out.file = std::move(file);
  auto content = read_trusted(directory, out.file);
  if (!content) {
    out.fault = std::move(content.error());
    return out;
  }
  out.sha256 = content->sha256;
  auto manifest = check_library(content->bytes);
  if (!manifest) {
    out.fault = std::move(manifest.error());
    out.fault->text = "`" + out.path() + "`: " + out.fault->text;
    // The id is still worth knowing: a configuration that names it gets this fault instead of "not found".
    if (auto elf = read_elf(content->bytes))
      if (auto known = parse_manifest(elf->manifest)) out.manifest = *known;
    return out;
  }
  out.manifest = *manifest;
  out.bundled = place.beside_binary && out.manifest.id.starts_with(kBundledPrefix) &&
                (content->owner == 0 || content->owner == place.binary_owner);
  return out;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "`" : ", `") + name + "`";
  return out;
}

}  // namespace

Catalog Catalog::scan(const std::vector<Place>& places) {
  Catalog out;
  for (const Place& place : places) {
    out.searched_.push_back(place.directory);
    auto directory = trusted_directory(place.directory);
    if (!directory) {
      out.faults_.push_back(std::move(directory.error()));
      continue;
    }
    std::vector<std::string> files;
    std::error_code error;
    for (std::filesystem::directory_iterator at(*directory, error), end; !error && at != end; at.increment(error)) {
      const auto& path = at->path();
      if (path.extension() == ".so") files.push_back(path.filename().string());
      if (files.size() > kMaxFiles) break;
    }
    if (error) out.faults_.push_back({Code::Io, "`" + *directory + "`: " + error.message(), {}});
    if (files.size() > kMaxFiles) {
      out.faults_.push_back({Code::Limit, "`" + *directory + "` holds too many files", {}});
      continue;
    }
    std::sort(files.begin(), files.end());
    for (std::string& file : files) out.entries_.push_back(examine(place, *directory, std::move(file)));
  }
  std::stable_sort(out.entries_.begin(), out.entries_.end(), [](const CatalogEntry& a, const CatalogEntry& b) {
    const bool nameless_a = a.manifest.id.empty(), nameless_b = b.manifest.id.empty();
    return nameless_a != nameless_b ? nameless_b : a.manifest.id < b.manifest.id;
  });
  return out;
}

Result<CatalogEntry> Catalog::find(std::string_view id) const {
  const CatalogEntry* found = nullptr;
  for (const CatalogEntry& entry : entries_) {
    if (entry.manifest.id != id) continue;
    if (found != nullptr)
      return fail(Code::Conflict, "plugin `" + std::string(id) + "` is there twice: `" + found->path() + "` and `" +
                                      entry.path() + "`: remove one");
    found = &entry;
  }
  if (found != nullptr && found->fault)
    return fail(found->fault->code, "plugin `" + std::string(id) + "`: " + found->fault->text);
  if (found != nullptr) return *found;
  std::string text = "plugin `" + std::string(id) + "` is in none of the plugin directories: " + joined(searched_);
  std::vector<std::string_view> ids;
  for (const CatalogEntry& entry : entries_) ids.push_back(entry.manifest.id);
  if (const std::string_view near = base::nearest(id, ids); !near.empty())
    text += "; did you mean `" + std::string(near) + "`?";
  for (const Error& fault : faults_) text += "; " + fault.text;
  // A file that may not be trusted is not read, so it has no id: the one that was meant may be among them.
  constexpr int kMostTold = 8;
  int told = 0;
  for (const CatalogEntry& entry : entries_) {
    if (!entry.fault || !entry.manifest.id.empty() || ++told > kMostTold) continue;
    const bool named = entry.fault->text.find(entry.file) != std::string::npos;
    text += "; set aside: " + (named ? "" : "`" + entry.path() + "`: ") + entry.fault->text;
  }
  if (told > kMostTold) text += "; and " + std::to_string(told - kMostTold) + " more files were";
  return fail(Code::NotFound, std::move(text));
}

}  // namespace gatehouse::plugin
