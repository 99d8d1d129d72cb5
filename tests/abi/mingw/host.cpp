// A host of a few lines for Windows: loads a plugin through Boost.DLL, makes it with settings of one list or text, asks
// it about one request, and prints what it says. host.exe PLUGIN.dll POINTER VALUE SOURCE_IP HEADER_NAME HEADER_VALUE
#define BOOST_DLL_USE_STD_FS
#include <gatehouse/abi.h>

#include <boost/dll/shared_library.hpp>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <string>

namespace {

std::string pointer_of_value, value, header_name, header_value, answer;
std::mutex mutex;
std::condition_variable changed;

std::string text(const gh_str& s) {
  return s.ptr == nullptr ? std::string() : std::string(s.ptr, s.len);
}
gh_str str(const std::string& s) {
  return {s.data(), s.size()};
}

std::int32_t GH_CALL get(const gh_config*, const gh_str* pointer, gh_val* out) {
  if (text(*pointer) != pointer_of_value) return GH_E_NOTFOUND;
  *out = {*pointer, str(value), GH_T_STRING, 0};
  return GH_OK;
}
std::int32_t GH_CALL count(const gh_config*, const gh_str*, std::size_t* out) {
  *out = 1;
  return GH_OK;
}
std::int32_t GH_CALL member(const gh_config*, const gh_str*, std::size_t, gh_str*) {
  return GH_E_NOTFOUND;
}
std::int32_t GH_CALL header(const gh_request*, const gh_str* name, std::size_t index, gh_str* out) {
  if (index != 0 || header_value.empty() || text(*name) != header_name) return GH_E_NOTFOUND;
  *out = str(header_value);
  return GH_OK;
}
std::int32_t GH_CALL attr(const gh_request*, const gh_str*, gh_str*) {
  return GH_E_NOTFOUND;
}
const void* GH_CALL service(const gh_host*, const char*) {
  return nullptr;
}
std::int32_t GH_CALL complete(const gh_host*, std::uint64_t, const gh_answer* a) {
  const char* const kinds[] = {"nothing", "allow", "deny", "unauthorized", "failed", "abstain"};
  const std::lock_guard<std::mutex> lock(mutex);
  answer = (a->kind < 6 ? kinds[a->kind] : "unknown") + std::string(" ") + text(a->principal_id) + text(a->challenge);
  changed.notify_all();
  return GH_OK;
}

int failed(const char* what, const char* why) {
  std::printf("FAILED: %s: %s\n", what, why);
  return 1;
}

int run(char** argv) {
  boost::dll::shared_library library(argv[1], boost::dll::load_mode::rtld_now);
  const auto entry = reinterpret_cast<gh_module_fn>(library.get<const gh_module*()>(GH_ENTRY_NAME));
  const gh_module* module = entry();
  if (module->abi_major != GH_ABI_MAJOR || module->abi_draft != GH_ABI_DRAFT) return failed("module", "another ABI");
  const gh_plugin_desc* description = module->plugin(0);
  const auto* a = static_cast<const gh_authorizer*>(module->iface(0, GH_IFACE_AUTHORIZER));
  if (description == nullptr || !GH_HAS(a, extension)) return failed("module", "no authorizer");

  gh_host host{};
  host.struct_size = sizeof host;
  host.worker_count = 1;
  host.name = host.version = "test";
  host.service = &service;
  host.complete = &complete;
  gh_config config{};
  config.struct_size = sizeof config;
  config.get = &get;
  config.count = &count;
  config.member = &member;
  gh_err error{};
  error.struct_size = sizeof error;
  gh_plugin* plugin = nullptr;
  if (a->create(&host, &config, &plugin, &error) != GH_OK) return failed("create", error.msg);
  if (a->start(plugin, &error) != GH_OK) return failed("start", error.msg);

  gh_request request{};
  const std::string address = argv[4];
  request.struct_size = sizeof request;
  request.api_type = GH_API_HTTP;
  request.call_id = (std::uint64_t{1} << 63) | 7;
  request.source_ip = str(address);
  request.header = &header;
  request.attr = &attr;
  const std::int32_t code = a->authorize(plugin, &request);
  {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait_for(lock, std::chrono::seconds(20), [] { return !answer.empty(); });
  }
  a->stop(plugin);
  a->destroy(plugin);
  std::printf("%s: %d %s\n", description->id, code, answer.c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) return failed("arguments", "host.exe PLUGIN.dll POINTER VALUE SOURCE_IP HEADER_NAME HEADER_VALUE");
  pointer_of_value = argv[2];
  value = argv[3];
  header_name = argv[5];
  header_value = argv[6];
  try {
    return run(argv);
  } catch (const std::exception& e) {
    return failed("loading", e.what());
  }
}
