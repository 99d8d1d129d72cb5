#include <algorithm>

#include "app/iam_commands.hpp"
#include "base/text.hpp"
#include "config/load.hpp"
#include "identity/master_key.hpp"

namespace gatehouse::app {
namespace {

/// `sqlite:PATH` taken apart.
Result<std::pair<std::string, std::string>> scheme_of(const std::string& option, const std::string& given,
                                                      const std::vector<std::string_view>& known) {
  const std::size_t colon = given.find(':');
  const std::string scheme = given.substr(0, colon);
  if (colon != std::string::npos && colon + 1 < given.size() &&
      std::find(known.begin(), known.end(), scheme) != known.end())
    return std::pair(scheme, given.substr(colon + 1));
  std::string all;
  for (const std::string_view one : known) all.append(all.empty() ? "`" : ", `").append(one).append(":...`");
  return fail(Code::Invalid, option + ": it is none of " + all);
}

Result<config::Identity> from_options(const IamPlace& place) {
  config::Identity out;
  const auto store = scheme_of("--store", place.store, {"sqlite", "postgresql", "file"});
  if (!store) return tl::unexpected(store.error());
  (store->first == "sqlite" ? out.sqlite : store->first == "file" ? out.file : out.postgresql) = store->second;
  return out;
}

Result<identity::MasterKeySource> key_source(const IamPlace& place, const config::Identity& settings) {
  identity::MasterKeySource out;
  if (!place.master_key.empty()) {
    const auto key = scheme_of("--master-key", place.master_key, {"file", "env", "credential"});
    if (!key) return tl::unexpected(key.error());
    (key->first == "file" ? out.file : key->first == "env" ? out.environment : out.credential) = key->second;
  } else if (settings.master_key) {
    out = {settings.master_key->file, settings.master_key->env, settings.master_key->credential};
  } else if (!settings.sqlite.empty()) {
    out.file = settings.sqlite + ".key";  // as `serve` has it
  } else {
    return fail(Code::Invalid, "name the master key: --master-key file:PATH, env:NAME or credential:NAME");
  }
  return out;
}

Result<identity::KeyRing> key_ring(const IamPlace& place, const config::Identity& settings, bool init) {
  const auto source = key_source(place, settings);
  if (!source) return tl::unexpected(source.error());
  if (init && !source->file.empty())
    if (auto made = identity::make_if_missing(source->file); !made) return tl::unexpected(made.error());
  auto ring = identity::load_master_keys(*source);
  if (!ring && !init && ring.error().code == Code::NotFound && !source->file.empty())
    ring.error().text += "; `gatehouse iam init` makes one";
  return ring;
}

bool is_account(std::string_view text) {
  return text.size() == 12 && std::all_of(text.begin(), text.end(), base::is_digit);
}

}  // namespace

Result<OpenedStore> open_iam_store(const IamPlace& place, bool init) {
  OpenedStore out{nullptr, "000000000000", "us-east-1"};
  config::Identity settings;
  if (!place.config.empty()) {
    config::Diagnostics diagnostics;
    auto loaded = config::load(place.config, diagnostics);
    if (!loaded) {
      print(diagnostics);
      return fail(Code::Invalid, "`" + place.config + "` has faults");
    }
    out.account = loaded->gateway.account_id;
    out.region = loaded->gateway.region;
    if (loaded->identity) settings = std::move(*loaded->identity);
    if (!loaded->identity && place.store.empty())
      return fail(Code::Invalid, "`" + place.config + "` has no `identity:`; write it, or name the store with --store");
  } else if (place.store.empty()) {
    return fail(Code::Invalid, "name the store: --config gatehouse.yaml, or --store sqlite:PATH");
  }
  if (!place.store.empty()) {
    auto named = from_options(place);
    if (!named) return tl::unexpected(named.error());
    settings = std::move(*named);
  }
  if (!place.account.empty()) out.account = place.account;
  if (!place.region.empty()) out.region = place.region;
  if (!is_account(out.account)) return fail(Code::Invalid, "--account: an account is twelve digits");

  if (init && !settings.file.empty())
    return fail(Code::Unsupported, "identities of a file are written there by hand: there is nothing to make");
  // In a file no secret is sealed.
  auto ring = settings.file.empty() ? key_ring(place, settings, init) : Result<identity::KeyRing>(identity::KeyRing());
  if (!ring) return tl::unexpected(ring.error());

  identity::Store::Options options;
  options.sqlite = settings.sqlite;
  options.postgresql = settings.postgresql;
  options.file = settings.file;
  options.connections = 1;
  options.create = init;
  auto store = identity::Store::open(options, std::move(*ring));
  if (!store) return tl::unexpected(store.error());
  out.store = std::move(*store);
  return out;
}

}  // namespace gatehouse::app
