#include "app/identities.hpp"

#include <filesystem>
#include <utility>

#include "base/log.hpp"
#include "base/random.hpp"
#include "identity/directory.hpp"
#include "identity/key_ring.hpp"
#include "identity/master_key.hpp"
#include "integration/iam_api.hpp"
#include "integration/identity_pool.hpp"
#include "integration/sts.hpp"

namespace gatehouse::app {
namespace {

constexpr std::size_t kLookupThreads = 4, kLookupQueue = 4'096;
constexpr std::size_t kServiceThreads = 4, kServiceQueue = 1'024;

tl::unexpected<Error> at(Error error, const Where& where, const std::string& what) {
  error.text = what + error.text;
  return tl::unexpected<Error>(std::move(error).at(where));
}

/// Where the key ring is when nobody has written it.
std::string default_key_file(const config::Identity& settings) {
  return (settings.sqlite.empty() ? settings.file : settings.sqlite) + ".key";
}

Result<identity::KeyRing> fresh_ring() {
  base::SystemRandom random;
  const base::Secret line = identity::KeyRing::generate(random, base::system_clock().unix_ms() / 1000);
  return identity::KeyRing::parse(line.reveal());
}

Result<identity::KeyRing> key_ring(const config::Identity& settings, bool only_looking) {
  identity::MasterKeySource source;
  Where where = settings.where;
  if (settings.master_key) {
    source.file = settings.master_key->file;
    source.environment = settings.master_key->env;
    source.credential = settings.master_key->credential;
    where = settings.master_key->where;
  } else {
    source.file = default_key_file(settings);
    std::error_code error;
    if (only_looking && !std::filesystem::exists(source.file, error)) return fresh_ring();
    const auto made = only_looking ? Result<bool>(false) : identity::make_if_missing(source.file);
    if (!made) return at(made.error(), where, "`identity`: ");
    if (*made)
      base::log(base::Level::Warn,
                "a master key was made beside the store of identities: keep a copy of it elsewhere, and name it under "
                "`master_key`",
                {{"file", source.file}});
  }
  auto ring = identity::load_master_keys(source);
  if (!ring) return at(ring.error(), where, "`master_key`: ");
  return ring;
}

}  // namespace

Result<std::shared_ptr<identity::Store>> open_store(const config::Identity& settings, bool only_looking) {
  identity::Store::Options options;
  options.sqlite = settings.sqlite;
  options.postgresql = settings.postgresql;
  options.file = settings.file;
  std::error_code error;
  // `validate` tells what is wrong; a database that `serve` would make is not.
  if (only_looking && !options.sqlite.empty() && !std::filesystem::exists(options.sqlite, error)) {
    options.sqlite = ":memory:";
    auto ring = fresh_ring();
    if (!ring) return tl::unexpected(ring.error());
    return identity::Store::open(options, std::move(*ring));
  }
  options.create = !only_looking;
  auto ring = key_ring(settings, only_looking);
  if (!ring) return tl::unexpected(ring.error());
  auto store = identity::Store::open(options, std::move(*ring));
  const Where& where = !settings.sqlite.empty()       ? settings.sqlite_where
                       : !settings.postgresql.empty() ? settings.postgresql_where
                                                      : settings.file_where;
  if (!store && store.error().where.line == 0) return at(store.error(), where, "`identity`: ");
  return store;
}

std::string Identities::terms(const config::Identity& settings) {
  std::string out;
  const auto add = [&](const std::string& text) { out += std::to_string(text.size()) + ":" + text; };
  add(settings.sqlite);
  add(settings.postgresql);
  add(settings.file);
  const config::MasterKey key = settings.master_key.value_or(config::MasterKey{});
  add(key.file);
  add(key.env);
  add(key.credential);
  add(std::to_string(settings.cache_entries));
  add(std::to_string(settings.max_stale_ms));
  return out;
}

Result<std::shared_ptr<Identities>> Identities::open(const config::Identity& settings, const Surroundings& around) {
  auto store = open_store(settings, around.only_looking);
  if (!store) return tl::unexpected(store.error());
  auto out = std::make_shared<Identities>();
  out->terms_ = terms(settings);
  out->store_ = std::move(*store);
  out->pool_tokens_ = std::make_shared<integration::PoolTokens>(out->store_->ring());
  for (std::size_t i = 0; i < around.fetches.size() && i < around.loops.size(); ++i)
    out->fetchers_.push_back({around.loops[i]->mailbox(), around.fetches[i]});
  out->services_ = around.executor->share("services", kServiceThreads, kServiceQueue);

  identity::Lookups::Settings how;
  how.workers = static_cast<std::uint32_t>(around.loops.size());
  how.entries = settings.cache_entries;
  how.max_stale_ms = settings.max_stale_ms;
  how.registry = around.registry;
  identity::Lookups::Doors doors;
  doors.run = [threads = around.executor->share("identity", kLookupThreads, kLookupQueue)](std::function<void()> task) {
    return threads->run(std::move(task)) != 0;
  };
  std::vector<std::shared_ptr<net::Mailbox>> mailboxes;
  for (net::Loop* const loop : around.loops) mailboxes.push_back(loop->mailbox());
  doors.post = [mailboxes = std::move(mailboxes)](std::uint32_t worker, std::function<void()> task) {
    return worker < mailboxes.size() && mailboxes[worker]->post(std::move(task));
  };
  out->lookups_ = identity::Lookups::start(std::make_shared<identity::Directory>(out->store_), how, std::move(doors));
  return out;
}

Result<std::shared_ptr<const integration::IssuerKeys>> Identities::issuers(const config::ServiceIntegration& settings) {
  auto& kept = issuers_[(settings.allow_private_issuer ? 1 : 0) + (settings.allow_insecure_issuer ? 2 : 0)];
  if (kept != nullptr) return kept;
  integration::LoopFetcher::Options fetch;
  fetch.allow_http = settings.allow_insecure_issuer;
  fetch.allow_private = settings.allow_private_issuer;
  auto trust = client::Trust().system();
  if (!trust) return tl::unexpected(trust.error());
  fetch.trust = std::move(*trust);
  integration::IssuerKeys::Options options;
  options.allow_http = settings.allow_insecure_issuer;
  kept = std::make_shared<integration::IssuerKeys>(std::make_shared<integration::LoopFetcher>(fetchers_, fetch),
                                                   base::system_clock(), options);
  return kept;
}

Result<std::shared_ptr<const integration::Service>> Identities::make(const config::ServiceIntegration& settings) {
  using Kind = config::ServiceIntegration::Kind;
  if (settings.kind == Kind::IamApi) return std::make_shared<const integration::IamApi>(store_);
  auto keys = issuers(settings);
  if (!keys) return tl::unexpected(keys.error());
  if (settings.kind == Kind::Sts)
    return std::make_shared<const integration::Sts>(integration::Sts::Parts{store_, std::move(*keys), pool_tokens_});
  integration::IdentityPools::Options options;
  options.origins = settings.allow_origins;
  return std::make_shared<const integration::IdentityPools>(
      integration::IdentityPools::Parts{store_, std::move(*keys), pool_tokens_}, std::move(options));
}

}  // namespace gatehouse::app
