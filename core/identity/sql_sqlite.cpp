#include "identity/sql_sqlite.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace gatehouse::identity {
namespace {

namespace fs = std::filesystem;

std::string says(int error) {
  return std::strerror(error);
}

// By name, never by opening: closing a file drops every lock that this process has on it, SQLite's too.
Result<bool> judge(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return false;
    return fail(Code::Io, "cannot look at file `" + path + "`: " + says(errno));
  }
  if (S_ISLNK(status.st_mode)) return fail(Code::Refused, "`" + path + "` is a link: name the database file itself");
  if (!S_ISREG(status.st_mode)) return fail(Code::Refused, "`" + path + "` is not a regular file");
  if (status.st_uid != ::geteuid())
    return fail(Code::Refused, "file `" + path + "` belongs to user " + std::to_string(status.st_uid) +
                                   ", not to the one who runs this (" + std::to_string(::geteuid()) +
                                   "): `chown` it, or run as that user");
  if ((status.st_mode & 077) != 0)
    return fail(Code::Refused, "file `" + path +
                                   "`, which holds credentials, can be read or written by others: "
                                   "`chmod 600` it");
  return true;
}

Result<void> judge_folder(const fs::path& folder) {
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0)
    return fail(Code::NotFound, "cannot look at folder `" + folder.string() + "`: " + says(errno));
  if (status.st_uid != 0 && status.st_uid != ::geteuid())
    return fail(Code::Refused, "folder `" + folder.string() + "` belongs to user " + std::to_string(status.st_uid) +
                                   ", who could put another database there: `chown` it");
  if ((status.st_mode & 022) != 0 && (status.st_mode & S_ISVTX) == 0)
    return fail(Code::Refused, "folder `" + folder.string() +
                                   "` can be written by others, who could put another database there: `chmod go-w` it");
  return {};
}

Result<void> make(const std::string& path, const fs::path& folder) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    if (errno == EEXIST) return {};  // another process was faster; judged again below
    return fail(Code::Io, "cannot make file `" + path + "`: " + says(errno));
  }
  ::close(fd);
  // The name of the file has to be on the disk before anything in it is acknowledged.
  const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0 || ::fsync(directory) != 0) {
    const int error = errno;
    if (directory >= 0) ::close(directory);
    return fail(Code::Io, "cannot write folder `" + folder.string() + "` to the disk: " + says(error));
  }
  ::close(directory);
  return {};
}

}  // namespace

Result<std::string> prepare_sqlite_file(const std::string& path, bool create) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  if (error || path.empty() || path.find('\0') != std::string::npos || !absolute.has_filename())
    return fail(Code::Invalid, "`" + path + "` is not the path of a database file");
  const fs::path folder = fs::canonical(absolute.parent_path(), error);
  if (error)
    return fail(Code::NotFound,
                "there is no folder `" + absolute.parent_path().string() + "` for the database: make it");
  const std::string file = (folder / absolute.filename()).string();
  if (auto good = judge_folder(folder); !good) return tl::unexpected<Error>(std::move(good).error());
  auto there = judge(file);
  if (!there) return tl::unexpected<Error>(std::move(there).error());
  if (!*there) {
    if (!create) return fail(Code::NotFound, "there is no database `" + file + "`: `gatehouse iam init` makes one");
    if (auto made = make(file, folder); !made) return tl::unexpected<Error>(std::move(made).error());
    there = judge(file);
    if (!there) return tl::unexpected<Error>(std::move(there).error());
  }
  for (const char* beside : {"-wal", "-shm", "-journal"})
    if (auto good = judge(file + beside); !good) return tl::unexpected<Error>(std::move(good).error());
  return file;
}

std::unique_ptr<Connection> connect_sqlite(const std::string& path, std::int64_t timeout_ms) {
  auto out = std::make_unique<Connection>(Engine::Sqlite, path, timeout_ms);
  out->run_once("PRAGMA busy_timeout = " + std::to_string(timeout_ms), 1);
  if (path != ":memory:") {
    const Rows mode = out->run_once("PRAGMA journal_mode = WAL", 1);
    if (mode.empty() || mode[0][0] != "wal")
      throw StoreError(StoreError::Kind::Refused,
                       {"ServiceFailure",
                        "the file system of the database has no write-ahead log (a network share?): "
                        "put it on a local disk, or use PostgreSQL"});
  }
  for (const char* setting : {"PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON", "PRAGMA trusted_schema = OFF",
                              "PRAGMA temp_store = MEMORY", "PRAGMA cell_size_check = ON",
                              "PRAGMA secure_delete = FAST", "PRAGMA cache_size = -16384"})
    out->run_once(setting);
  return out;
}

std::function<void()> same_sqlite_file(const std::string& path) {
  struct stat opened {};
  const bool there = ::lstat(path.c_str(), &opened) == 0;
  return [=] {
    struct stat now {};
    if (there && ::lstat(path.c_str(), &now) == 0 && now.st_dev == opened.st_dev && now.st_ino == opened.st_ino) return;
    throw StoreError(StoreError::Kind::Failed,
                     {"ServiceFailure",
                      "the database file that was opened has been moved, deleted or replaced: put it "
                      "back, or restart the gateway to use the one that is there now"});
  };
}

}  // namespace gatehouse::identity
