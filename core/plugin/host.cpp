#include "plugin/host.hpp"

#include <sys/stat.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/digest.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "plugin/named_files.hpp"
#include "plugin/service_http.hpp"
#include "plugin/services.hpp"
#include "plugin/signature_verifier.hpp"
#include "plugin/token_verifier.hpp"

namespace gatehouse::plugin {
namespace {

using config::AuthorizerType;

std::string bundled_id(AuthorizerType type) {
  switch (type) {
    case AuthorizerType::Jwt:
      return "gatehouse.jwt";
    case AuthorizerType::Cognito:
      return "gatehouse.cognito";
    case AuthorizerType::Iam:
      return "gatehouse.iam";
    case AuthorizerType::ResourcePolicy:
      return "gatehouse.resource_policy";
    case AuthorizerType::PrivateEndpoint:
      return "gatehouse.private_endpoint";
    case AuthorizerType::MutualTls:
      return "gatehouse.mtls";
    case AuthorizerType::Token:
    case AuthorizerType::Request:
    case AuthorizerType::Network:
    case AuthorizerType::Resource:
      break;
  }
  return {};
}

access::Category category_of(AuthorizerType type) noexcept {
  if (config::is_identity(type)) return access::Category::Identity;
  return type == AuthorizerType::ResourcePolicy || type == AuthorizerType::Resource ? access::Category::Resource
                                                                                    : access::Category::Network;
}

std::uint32_t category_bit(access::Category category) noexcept {
  switch (category) {
    case access::Category::Network:
      return GH_CAT_NETWORK;
    case access::Category::Resource:
      return GH_CAT_RESOURCE;
    case access::Category::Identity:
      return GH_CAT_IDENTITY;
  }
  return 0;
}

/// What a description asks for that this version does not do, or that the operator has not granted: refused now, not
/// forgotten later.
Result<void> check_built(const gh_plugin_desc& d, const config::Authorizer& settings) {
  if (auto runnable = Host::runnable(d); !runnable) return runnable;
  for (const char* const* id = d.services; id != nullptr && *id != nullptr; ++id) {
    const Service* const service = find_service(*id);
    if (!service->given(settings.grants))
      return fail(Code::Refused, "plugin `" + std::string(d.id) + "` needs the service `" + *id +
                                     "`, which is not granted: write `grants: " + service->grant +
                                     "` for authorizer `" + settings.name + "`");
  }
  return {};
}

Result<void> check_placement(const config::Authorizer& settings, const CatalogEntry& entry) {
  if (!settings.placement_given && !entry.bundled)
    return fail(Code::Invalid,
                "plugin `" + entry.manifest.id +
                    "` is not bundled with the gateway: write `placement: in_process` to run its code inside it");
  if (settings.placement_given && !settings.in_process)
    return fail(Code::Unsupported, "`placement: sandboxed` is not built yet: use `in_process`");
  return {};
}

/// Names secrets and grants in a map of running instances without holding them.
std::string given_fingerprint(const config::Authorizer& settings) {
  std::string text;
  const auto add = [&](std::string_view part) { (text += std::to_string(part.size()) + ':').append(part); };
  for (const auto& [name, secret] : settings.secrets) {
    add(name);
    add(secret.reveal());
  }
  add(settings.grants.body ? "body" : "");
  add(settings.grants.identity ? "identity" : "");
  if (const auto& http = settings.grants.http) {
    add(http->allow_private ? "private" : "");
    add(http->allow_http ? "http" : "");
    add(http->implied ? "implied" : "");
    for (const std::string& host : http->hosts) add(host);
  }
  const base::Secret wiped(std::move(text));
  const base::Sha256 digest = base::sha256(wiped.reveal());
  return base::hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace

/// Authorizers on their way out. Outlives the host, since a plugin may take longer than it waits.
class Host::Retirement : public std::enable_shared_from_this<Retirement> {
 public:
  void take(Instance* instance) noexcept {
    {
      const std::lock_guard lock(mutex_);
      ++going_;
    }
    // The last pointer may go on a loop, which must not wait.
    try {
      std::thread([self = shared_from_this(), instance] {
        Instance::retire(instance);
        self->gone();
      }).detach();
    } catch (...) {
      Instance::retire(instance);
      gone();
    }
  }
  bool wait(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [&] { return going_ == 0; });
  }

 private:
  void gone() noexcept {
    const std::lock_guard lock(mutex_);
    --going_;
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t going_ = 0;
};

Catalog::Place Host::beside_binary() {
  Catalog::Place out;
  out.beside_binary = true;
  std::error_code error;
  const auto binary = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return out;
  struct stat st {};
  if (::stat(binary.c_str(), &st) == 0) out.binary_owner = st.st_uid;
  out.directory = (binary.parent_path().parent_path() / "lib/gatehouse/plugins").string();
  return out;
}

Result<void> Host::runnable(const gh_plugin_desc& d) {
  const auto unsupported = [&](const std::string& what) {
    return fail(Code::Unsupported, "plugin `" + std::string(d.id) + "` " + what);
  };
  if ((d.flags & GH_F_OUT_OF_PROCESS) != 0)
    return unsupported("must run in a process of its own, which is not built yet");
  if ((d.needs & GH_NEED_CLIENT_CERT) != 0) return unsupported("needs client certificates, which are not built yet");
  for (const char* const* id = d.services; id != nullptr && *id != nullptr; ++id)
    if (find_service(*id) == nullptr)
      return unsupported("needs the service `" + std::string(*id) + "`, which this gateway does not have");
  return {};
}

Host::Host(Options options, net::Executor& executor, const base::Clock& clock)
    : options_(std::move(options)),
      executor_(executor),
      clock_(clock),
      workers_(std::make_shared<Workers>()),
      retirement_(std::make_shared<Retirement>()),
      leftovers_(std::make_shared<Leftovers>()) {
  workers_->all.resize(options_.workers);
}

Host::~Host() {
  // stop() may take as long as what it waits for before and behind it.
  if (!retirement_->wait(std::chrono::milliseconds(3 * options_.limits.retire_ms)))
    base::log(base::Level::Warn, "a plugin does not stop: the gateway ends without it");
  if (staging_ != nullptr) staging_->clear();
}

void Host::attach(std::uint32_t worker, net::Loop& loop) {
  workers_->all.at(worker).loop = &loop;
  workers_->all.at(worker).mailbox = loop.mailbox();
}

void Host::attach_fetches(std::uint32_t worker, client::FetchClient& fetches) {
  workers_->all.at(worker).fetches = &fetches;
}

const Catalog& Host::scan(const config::Plugins& plugins) {
  std::vector<Catalog::Place> places;
  for (const std::string& directory : plugins.directories) {
    Catalog::Place place{directory, false, options_.bundled.binary_owner};
    std::error_code error;
    place.beside_binary = std::filesystem::equivalent(directory, options_.bundled.directory, error) && !error;
    places.push_back(std::move(place));
  }
  if (places.empty()) places.push_back(options_.bundled);
  if (auto trusted = workers_->trust->refresh(); !trusted)
    base::log(base::Level::Warn, "the system's certificate authorities stay as they were",
              {{"error", trusted.error().text}});
  catalog_ = Catalog::scan(places);
  staging_parent_ = plugins.staging_directory;
  return catalog_;
}

Result<std::shared_ptr<Library>> Host::library(const CatalogEntry& entry) {
  // Again from the file: what is judged here is what gets loaded.
  auto file = read_trusted(entry.directory, entry.file);
  if (!file) return tl::unexpected(file.error());
  const auto wrong = [&](const Error& error) {
    return fail(error.code, "plugin `" + entry.manifest.id + "` (`" + entry.path() + "`): " + error.text);
  };
  auto manifest = check_library(file->bytes);
  if (!manifest) return wrong(manifest.error());
  if (manifest->id != entry.manifest.id)
    return fail(Code::Refused,
                "`" + entry.path() + "` became plugin `" + manifest->id + "` while the configuration was read");
  if (auto known = libraries_[file->sha256].lock()) return known;
  if (const std::size_t left = leftovers_->count(); left >= Leftovers::kMost)
    return fail(Code::Limit, "plugin `" + entry.manifest.id + "` (`" + entry.path() + "`) is not loaded: " +
                                 std::to_string(left) + " libraries of replaced plugins are still mapped, " +
                                 leftovers_->names() + ": restart the gateway to be rid of them");
  if (staging_ == nullptr || (!staging_parent_.empty() && !staging_->is_in(staging_parent_))) {
    auto staging = Staging::open(staging_parent_);
    if (!staging) return tl::unexpected(staging.error());
    staging_ = std::move(*staging);
  }
  auto loaded = Library::load(staging_, file->bytes, file->sha256, *manifest, leftovers_);
  if (!loaded) return wrong(loaded.error());
  libraries_[file->sha256] = *loaded;
  return loaded;
}

std::shared_ptr<Share> Host::share(const std::string& plugin) {
  auto& out = shares_[plugin];
  if (out == nullptr) {
    out = std::make_shared<Share>();
    out->threads = options_.share_threads;
    out->max_pinned_calls = options_.max_pinned_calls;
    out->executor = executor_.share("plugin " + plugin, options_.share_threads, options_.share_queue);
  }
  return out;
}

Result<std::shared_ptr<access::Authorizer>> Host::make(const config::Authorizer& written) {
  const auto meant = as_token_verifier(as_signature_verifier(written));
  if (!meant) return tl::unexpected(meant.error());
  const config::Authorizer& settings = *meant;
  const std::string id = settings.plugin.empty() ? bundled_id(settings.type) : settings.plugin;
  if (id.empty()) return fail(Code::Invalid, "authorizer `" + settings.name + "` names no `plugin`");
  auto entry = catalog_.find(id);
  if (!entry) return tl::unexpected(entry.error());
  if (auto placed = check_placement(settings, *entry); !placed) return tl::unexpected(placed.error());
  auto loaded = library(*entry);
  if (!loaded) return tl::unexpected(loaded.error());
  const gh_plugin_desc& description = (*loaded)->description();
  const access::Category category = category_of(settings.type);
  if ((description.categories & category_bit(category)) == 0)
    return fail(Code::Invalid, "plugin `" + id +
                                   "` cannot be used as `type: " + std::string(config::name(settings.type)) +
                                   "`: it is not of category " + std::string(access::name(category)));
  if (auto built = check_built(description, settings); !built) return tl::unexpected(built.error());
  auto values =
      Settings::make(settings.settings.json, description.settings_schema, settings.name, settings.settings.directory);
  if (!values) return tl::unexpected(values.error());
  const auto files = judge_files(settings, (*values)->files());
  if (!files) return tl::unexpected(files.error());

  std::shared_ptr<identity::Lookups> lookups;
  if (settings.grants.identity) {
    lookups = lookups_;
    if (lookups == nullptr)
      return fail(Code::Invalid, "authorizer `" + settings.name +
                                     "` looks callers up, and there is no store of identities: write an `identity:` "
                                     "section (gatehouse.yaml(5))");
  }
  std::string key = std::to_string(reinterpret_cast<std::uintptr_t>(lookups.get())) + '\n';
  for (const std::string_view part :
       {std::string_view(settings.name), config::name(settings.type), std::string_view(settings.payload_format_version),
        std::string_view(id), std::string_view((*loaded)->sha256())})
    key.append(part).push_back('\n');
  key += (*values)->fingerprint() + given_fingerprint(settings) + *files + files_fingerprint(settings.settings.json);
  if (auto running = instances_[key].lock()) return running;
  std::erase_if(instances_, [](const auto& known) { return known.second.expired(); });
  std::erase_if(libraries_, [](const auto& known) { return known.second.expired(); });

  std::shared_ptr<FetchRules> fetch_rules;
  if (const auto& http = settings.grants.http) {
    auto hosts = http->implied ? client::HostGrants::every() : client::HostGrants::make(http->hosts);
    if (!hosts) return tl::unexpected<Error>(std::move(hosts.error()).at(http->hosts_where));
    // Read here and now: the first fetch may come on an event loop.
    if (auto trusted = workers_->trust->system(); !trusted) return tl::unexpected<Error>(trusted.error());
    fetch_rules = std::make_shared<FetchRules>();
    fetch_rules->hosts = std::make_shared<const client::HostGrants>(std::move(*hosts));
    fetch_rules->allow_private = http->allow_private;
    fetch_rules->allow_http = http->allow_http;
    fetch_rules->read_only = http->implied;
  }
  auto instance = Instance::start(
      {settings.name, category, settings.type == AuthorizerType::Token, settings.payload_format_version == "1.0"},
      {settings.secrets, settings.grants, options_.metrics, fetch_rules, lookups}, std::move(*loaded),
      std::move(*values), share(id), workers_, clock_, options_.limits);
  if (!instance) return tl::unexpected(instance.error());
  std::shared_ptr<Instance> out(*instance, [retirement = retirement_](Instance* gone) { retirement->take(gone); });
  instances_[key] = out;
  return out;
}

}  // namespace gatehouse::plugin
