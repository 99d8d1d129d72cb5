#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "plugin/file.hpp"
#include "plugin/manifest.hpp"

namespace gatehouse::plugin {

/// One file of a plugin directory, as its bytes describe it: no code of it has run.
struct CatalogEntry {
  std::string directory;
  std::string file;
  Manifest manifest;  // meaningless with a fault that comes before it
  std::string sha256;
  bool bundled = false;        // ours, so its placement need not be written
  std::optional<Error> fault;  // why it cannot be loaded
  std::string path() const { return directory + "/" + file; }
};

/// The plugins of some directories, found by their manifests. A file that is not named by any configuration is never
/// loaded.
class Catalog {
 public:
  struct Place {
    std::string directory;
    /// The directory beside the running binary: `gatehouse.*` of root's or of the binary's owner is bundled there.
    bool beside_binary = false;
    unsigned binary_owner = 0;
  };

  /// [setup] Looks at every `*.so`. A directory that is missing or may not be trusted is a fault of its own.
  static Catalog scan(const std::vector<Place>& places);

  /// Sorted by id, files without one last; for `gatehouse plugin inspect` and `list`.
  const std::vector<CatalogEntry>& list() const noexcept { return entries_; }
  /// Faults of whole directories.
  const std::vector<Error>& faults() const noexcept { return faults_; }
  /// The one file with that id. The error names the directories that were searched, both files when there are two, or
  /// what is wrong with the file.
  Result<CatalogEntry> find(std::string_view id) const;

 private:
  std::vector<CatalogEntry> entries_;
  std::vector<Error> faults_;
  std::vector<std::string> searched_;
};

}  // namespace gatehouse::plugin
