#define BOOST_DLL_USE_STD_FS
#include "plugin/library.hpp"

#include <atomic>
#include <boost/dll/shared_library.hpp>
#include <cstring>
#include <exception>

#include "base/text.hpp"
#include "plugin/keep.hpp"

namespace gatehouse::plugin {

struct Library::Handle {
  boost::dll::shared_library library;
  std::string path;
  std::string plugin;                // its id, for when its code is gone
  std::shared_ptr<Staging> staging;  // outlives the mapping
  std::shared_ptr<Leftovers> leftovers;
  std::atomic<bool> keep{false};
};

namespace {

constexpr std::uint32_t kCategories = GH_CAT_IDENTITY | GH_CAT_RESOURCE | GH_CAT_NETWORK;
constexpr std::uint32_t kApiTypes = GH_API_REST | GH_API_HTTP | GH_API_WEBSOCKET;
constexpr std::uint32_t kNeeds = GH_NEED_HEADERS | GH_NEED_QUERY | GH_NEED_CLIENT_CERT | GH_NEED_STAGE_VARS |
                                 GH_NEED_PATH_PARAMS | GH_NEED_SCOPES | GH_NEED_EVENT;
constexpr std::uint32_t kFlags =
    GH_F_ASYNC | GH_F_NONBLOCKING | GH_F_PER_CONNECTION | GH_F_NEVER_UNLOAD | GH_F_OUT_OF_PROCESS;

tl::unexpected<Error> wrong(const std::string& what) {
  return fail(Code::Refused, "its module does not keep the ABI: " + what);
}

/// How dlopen's sentence goes on: it names the staged copy, which the operator has never heard of.
std::string load_error(std::string text, const std::string& path) {
  for (std::size_t at = text.find(path); at != std::string::npos; at = text.find(path, at))
    text.replace(at, path.size(), "the library");
  std::string out = "it cannot be loaded: " + text;
  if (text.find("failed to map segment") != std::string::npos)
    out += " (a file system mounted noexec? set `plugins.staging_directory`)";
  return out;
}

}  // namespace

Library::Library(std::unique_ptr<Handle> handle, std::string sha256)
    : handle_(std::move(handle)), sha256_(std::move(sha256)) {}

Library::~Library() {
  if (handle_ == nullptr) return;
  if (handle_->keep || (description_ != nullptr && (description_->flags & GH_F_NEVER_UNLOAD) != 0)) {
    keep_for_ever(std::shared_ptr<Handle>(std::move(handle_)));
    return;
  }
  {
    const std::lock_guard lock(loader_lock());
    handle_->library.unload();
  }
  if (handle_->leftovers != nullptr && is_mapped(handle_->path))
    handle_->leftovers->add(
        handle_->plugin, handle_->path,
        "a library stays mapped although nobody uses it any more: a thread_local object or a symbol "
        "that is unique in the process may hold it (`gatehouse plugin check` finds it)");
  Staging::remove(handle_->path);
}

void Library::keep() noexcept {
  if (handle_->keep.exchange(true) || handle_->leftovers == nullptr) return;
  handle_->leftovers->add(handle_->plugin, handle_->path, "a library stays mapped: its code does not come back");
}

Result<std::shared_ptr<Library>> Library::load(std::shared_ptr<Staging> staging, std::string_view bytes,
                                               const std::string& sha256, const Manifest& manifest,
                                               std::shared_ptr<Leftovers> leftovers) {
  auto path = staging->put(bytes, sha256);
  if (!path) return tl::unexpected(path.error());
  auto handle = std::make_unique<Handle>();
  handle->path = *path;
  handle->plugin = manifest.id;
  handle->staging = std::move(staging);
  handle->leftovers = std::move(leftovers);
  try {
    const std::lock_guard lock(loader_lock());
    // RTLD_NOW | RTLD_LOCAL: a missing symbol fails here, and libraries do not see each other's.
    handle->library.load(*path, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  } catch (const std::exception& e) {
    Staging::remove(*path);
    return fail(Code::Refused, load_error(e.what(), *path));
  } catch (...) {
    Staging::remove(*path);
    return fail(Code::Refused, "it cannot be loaded: its constructors threw something");
  }
  std::shared_ptr<Library> out(new Library(std::move(handle), sha256));
  try {
    if (auto sound = out->look(manifest); !sound) return tl::unexpected(sound.error());
  } catch (const std::exception& e) {
    return wrong(e.what());
  } catch (...) {
    return wrong("its entry threw something");
  }
  return out;
}

Result<void> Library::look(const Manifest& manifest) {
  const auto entry = reinterpret_cast<gh_module_fn>(handle_->library.get<const gh_module*()>(GH_ENTRY_NAME));
  const gh_module* module = entry();
  if (!GH_HAS(module, iface) || module->plugin == nullptr || module->iface == nullptr)
    return wrong("`" GH_ENTRY_NAME "` returned no whole gh_module");
  if (module->abi_major != GH_ABI_MAJOR || module->abi_draft != GH_ABI_DRAFT)
    return wrong("it was compiled with ABI " + std::to_string(module->abi_major) + " draft " +
                 std::to_string(module->abi_draft) + ", not as its manifest says: rebuild it with this gateway's SDK");
  if (module->min_host_minor > GH_ABI_MINOR)
    return fail(Code::Refused, "it needs gateway ABI " + std::to_string(GH_ABI_MAJOR) + "." +
                                   std::to_string(module->min_host_minor) + ", this gateway offers " +
                                   std::to_string(GH_ABI_MAJOR) + "." + std::to_string(GH_ABI_MINOR) +
                                   ": upgrade the gateway or rebuild it");
  if (module->plugin_count != 1)
    return wrong("a library holds one plugin, this one " + std::to_string(module->plugin_count));
  if (module->build_info != nullptr) build_info_.assign(module->build_info, ::strnlen(module->build_info, 256));

  const gh_plugin_desc* d = module->plugin(0);
  if (!GH_HAS(d, services) || d->id == nullptr || d->version == nullptr) return wrong("it has no whole description");
  if (manifest.id != d->id || manifest.version != d->version)
    return wrong("its description says another id or version than its manifest");
  if (d->categories == 0 || (d->categories & ~kCategories) != 0) return wrong("unknown categories");
  if (d->api_types == 0 || (d->api_types & ~kApiTypes) != 0) return wrong("unknown API types");
  if ((d->needs & ~kNeeds) != 0) return wrong("it needs a part of requests that this gateway does not know");
  if ((d->flags & ~kFlags) != 0) return wrong("unknown flags");

  const auto* a = static_cast<const gh_authorizer*>(module->iface(0, GH_IFACE_AUTHORIZER));
  if (!GH_HAS(a, extension) || a->create == nullptr || a->start == nullptr || a->authorize == nullptr ||
      a->cancel == nullptr || a->stop == nullptr || a->destroy == nullptr)
    return wrong("it offers no whole `" GH_IFACE_AUTHORIZER "`");
  description_ = d;
  authorizer_ = a;
  return {};
}

}  // namespace gatehouse::plugin
