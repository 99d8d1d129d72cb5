#include "identity/store_yaml.hpp"

#include <sys/stat.h>

#include <optional>

#include "base/log.hpp"
#include "config/diagnostics.hpp"
#include "identity/yaml_file.hpp"
#include "identity/yaml_tables.hpp"

namespace gatehouse::identity {

YamlStore::YamlStore(std::string path, KeyRing ring)
    : Store(std::move(ring)), path_(std::move(path)), name_("file:" + path_) {}

Result<std::shared_ptr<YamlStore>> YamlStore::open(const std::string& path, KeyRing ring) {
  std::shared_ptr<YamlStore> out(new YamlStore(path, std::move(ring)));
  const std::lock_guard lock(out->reading_);
  if (auto done = out->read(); !done) return tl::unexpected<Error>(std::move(done).error());
  return out;
}

std::vector<YamlStore::Stamp> YamlStore::stamps_of(const std::vector<std::string>& files) {
  std::vector<Stamp> out;
  for (const std::string& file : files) {
    Stamp stamp;
    stamp.path = file;
    struct stat status {};
    if (::stat(file.c_str(), &status) == 0) {
      constexpr std::int64_t kSecond = 1'000'000'000;
      stamp.device = static_cast<std::int64_t>(status.st_dev);
      stamp.inode = static_cast<std::int64_t>(status.st_ino);
      stamp.size = status.st_size;
      stamp.changed_ns = status.st_ctim.tv_sec * kSecond + status.st_ctim.tv_nsec;
      stamp.modified_ns = status.st_mtim.tv_sec * kSecond + status.st_mtim.tv_nsec;
    }
    out.push_back(std::move(stamp));
  }
  return out;
}

Result<void> YamlStore::read() {
  // Looked at before they are read, so that what changes meanwhile is seen the next time. Which files there are is
  // known once they have been read: then once more.
  std::optional<config::Diagnostics> told;
  yaml::File file;
  file.files = {path_};
  for (int i = 0; i < 4; ++i) {
    const std::vector<std::string> files = file.files;
    seen_ = stamps_of(files);
    file = yaml::read(path_, told.emplace());
    if (file.files == files) break;
  }
  config::Diagnostics& diagnostics = *told;
  std::shared_ptr<DatabaseStore> built;
  if (diagnostics.ok()) built = yaml::build(file, diagnostics);
  for (const Error& warning : diagnostics.warnings())
    base::log(base::Level::Warn, "identities", {{"file", path_}, {"warning", warning.what()}});
  if (built == nullptr) {
    std::string text;
    for (const Error& error : diagnostics.errors()) text += (text.empty() ? "" : "\n") + error.what();
    return fail(diagnostics.errors().front().code, std::move(text));
  }
  const std::lock_guard lock(mutex_);
  database_ = std::move(built);
  ++version_;
  return {};
}

std::shared_ptr<DatabaseStore> YamlStore::current() {
  const std::lock_guard lock(mutex_);
  return database_;
}

Outcome<std::uint64_t> YamlStore::version() {
  {
    const std::lock_guard lock(reading_);
    std::vector<std::string> files;
    for (const Stamp& stamp : seen_) files.push_back(stamp.path);
    const std::vector<Stamp> now = stamps_of(files);
    // A file with a fault in it is being written; one that is not there is a store that is lost.
    if (now.front().inode == 0)
      return refuse("ServiceFailure", "the file of identities `" + path_ + "` is not there any more");
    if (now != seen_) {
      if (auto done = read(); !done)
        base::log(base::Level::Error, "the file of identities has become wrong; what was read before stays",
                  {{"file", path_}, {"faults", done.error().text}});
    }
  }
  const std::lock_guard lock(mutex_);
  return version_;
}

Outcome<void> YamlStore::note_used(const std::vector<Use>& uses) {
  return current()->note_used(uses);
}

Outcome<void> YamlStore::transact(bool writes, const std::function<bool(Tables&)>& body) {
  if (writes) return refuse("ReadOnly", "identities stand in " + name_ + ": change them there");
  return current()->transact(false, body);
}

}  // namespace gatehouse::identity
