#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "identity/store.hpp"
#include "identity/store_database.hpp"

namespace gatehouse::identity {

/// A Store that a file is, read into memory. version() looks whether the file has changed and reads it again; one that
/// has become wrong is told of in the log, and what was read before stays.
class YamlStore final : public Store {
 public:
  /// Errors: all faults of the file, a line each.
  static Result<std::shared_ptr<YamlStore>> open(const std::string& path, KeyRing ring);

  Outcome<std::uint64_t> version() override;
  Outcome<void> note_used(const std::vector<Use>& uses) override;  // until it is read again
  Outcome<std::size_t> reseal(const std::function<void(std::size_t)>&) override { return std::size_t{0}; }
  bool writable() const noexcept override { return false; }
  std::string_view name() const noexcept override { return name_; }

 private:
  struct Stamp {
    std::string path;
    std::int64_t device = 0, inode = 0, size = -1, changed_ns = 0, modified_ns = 0;
    bool operator==(const Stamp&) const = default;
  };
  YamlStore(std::string path, KeyRing ring);
  Outcome<void> transact(bool writes, const std::function<bool(Tables&)>& body) override;
  static std::vector<Stamp> stamps_of(const std::vector<std::string>& files);
  Result<void> read();
  std::shared_ptr<DatabaseStore> current();

  const std::string path_, name_;
  std::mutex reading_;  // held while the file is looked at and read
  std::vector<Stamp> seen_;
  std::mutex mutex_;  // of what follows
  std::shared_ptr<DatabaseStore> database_;
  std::uint64_t version_ = 0;
};

}  // namespace gatehouse::identity
