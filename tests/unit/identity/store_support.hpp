#pragma once
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/base64.hpp"
#include "identity/store.hpp"

namespace gatehouse::identity::testing {

inline constexpr std::string_view kAccount = "111122223333";

/// A key ring of the ids; the first seals. A key is made of its id, so that rings share keys.
inline KeyRing ring_of(const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) {
    std::string key;
    while (key.size() < 32) key += id + "!";
    key.resize(32);
    text += id + " " + base::base64(key) + "\n";
  }
  return KeyRing::parse(text).value();
}

/// A folder of its own, gone with the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "gatehouse-store-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::shared_ptr<Store> open_sqlite(const std::string& path, const std::vector<std::string>& ring = {"k1"},
                                          const base::Clock& clock = base::system_clock()) {
  Store::Options options;
  options.sqlite = path;
  auto store = Store::open(options, ring_of(ring), clock);
  if (!store) throw std::runtime_error(store.error().what());
  return *store;
}

/// The body in a transaction that must pass.
template <class T>
T reading(Store& store, const std::function<T(Tables&)>& body) {
  auto out = store.read<T>([&](Tables& tables) -> Outcome<T> { return body(tables); });
  if (!out) throw std::runtime_error(out.error().code + ": " + out.error().message);
  return std::move(*out);
}
inline void writing(Store& store, const std::function<void(Tables&)>& body) {
  auto out = store.write<bool>([&](Tables& tables) -> Outcome<bool> {
    body(tables);
    return true;
  });
  if (!out) throw std::runtime_error(out.error().code + ": " + out.error().message);
}
/// The code of the fault that the body ends with; empty when it passes.
inline std::string fault_of(Store& store, const std::function<void(Tables&)>& body) {
  auto out = store.write<bool>([&](Tables& tables) -> Outcome<bool> {
    body(tables);
    return true;
  });
  return out ? std::string() : out.error().code;
}

inline User user(std::string id, std::string name, std::string path = "/") {
  User out;
  out.id = std::move(id);
  out.account = kAccount;
  out.name = std::move(name);
  out.path = std::move(path);
  out.created = 1'700'000'000;
  return out;
}
inline Group group(std::string id, std::string name) {
  Group out;
  out.id = std::move(id);
  out.account = kAccount;
  out.name = std::move(name);
  out.created = 1'700'000'001;
  return out;
}
inline Role role(std::string id, std::string name) {
  Role out;
  out.id = std::move(id);
  out.account = kAccount;
  out.name = std::move(name);
  out.trust_policy = R"({"Version":"2012-10-17"})";
  return out;
}
inline AccessKey key(std::string id, std::string owner,
                     std::string secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY") {
  AccessKey out;
  out.id = std::move(id);
  out.owner = std::move(owner);
  out.secret = base::Secret(std::move(secret));
  out.created = 1'700'000'002;
  return out;
}
inline ManagedPolicy managed(std::string id, std::string name) {
  ManagedPolicy out;
  out.id = std::move(id);
  out.account = kAccount;
  out.name = std::move(name);
  out.created = out.updated = 1'700'000'003;
  return out;
}

/// A kind of database: SQLite always, PostgreSQL where GATEHOUSE_TEST_POSTGRESQL names a server (the story
/// `identity_postgresql` starts one).
struct Backend {
  const char* name;
  /// Opens it; `fresh`: with nothing in it.
  std::function<std::shared_ptr<Store>(const Folder&, bool fresh, const std::vector<std::string>& ring,
                                       const base::Clock&)>
      open;
};
inline void PrintTo(const Backend& backend, std::ostream* out) {
  *out << backend.name;
}
std::vector<Backend> backends();

}  // namespace gatehouse::identity::testing
