// The description of a plugin, for people and programs: what its code says of it.
#include "base/text.hpp"
#include "conformance/rule.hpp"
#include "plugin/host.hpp"

namespace gatehouse::conformance {
namespace {

struct Bit {
  std::uint32_t bit;
  const char* name;
};
constexpr Bit kCategories[] = {
    {GH_CAT_IDENTITY, "identity"}, {GH_CAT_RESOURCE, "resource"}, {GH_CAT_NETWORK, "network"}};
constexpr Bit kApiTypes[] = {{GH_API_REST, "REST"}, {GH_API_HTTP, "HTTP"}, {GH_API_WEBSOCKET, "WebSocket"}};
constexpr Bit kNeeds[] = {{GH_NEED_HEADERS, "headers"},
                          {GH_NEED_QUERY, "query"},
                          {GH_NEED_CLIENT_CERT, "client_cert"},
                          {GH_NEED_STAGE_VARS, "stage_vars"},
                          {GH_NEED_PATH_PARAMS, "path_params"},
                          {GH_NEED_SCOPES, "scopes"},
                          {GH_NEED_EVENT, "event"}};
constexpr Bit kFlags[] = {{GH_F_ASYNC, "async"},
                          {GH_F_NONBLOCKING, "nonblocking"},
                          {GH_F_PER_CONNECTION, "per_connection"},
                          {GH_F_NEVER_UNLOAD, "never_unload"},
                          {GH_F_OUT_OF_PROCESS, "out_of_process"}};

template <std::size_t N>
void append_bits(std::string& out, const char* name, std::uint32_t value, const Bit (&bits)[N]) {
  out += std::string(",\"") + name + "\":[";
  bool first = true;
  for (const Bit& b : bits)
    if ((value & b.bit) != 0) {
      out += std::string(first ? "\"" : ",\"") + b.name + "\"";
      first = false;
      value &= ~b.bit;
    }
  if (value != 0) out += std::string(first ? "" : ",") + std::to_string(value);
  out += ']';
}

void append_text(std::string& out, const char* name, const char* text) {
  out += std::string(",\"") + name + "\":";
  if (text == nullptr)
    out += "null";
  else
    base::append_json_string(out, text);
}

}  // namespace

Verdict describe(const Question& q) {
  auto subject = Subject::load(q.file);
  if (!subject) return failed(subject.error().text);
  const gh_plugin_desc& d = subject->description();
  const gh_module& m = subject->module();
  std::string out = "{\"abi\":\"" + std::to_string(m.abi_major) + "." + std::to_string(m.abi_minor) +
                    "\",\"draft\":" + std::to_string(m.abi_draft) +
                    ",\"min_host_minor\":" + std::to_string(m.min_host_minor);
  append_text(out, "id", d.id);
  append_text(out, "version", d.version);
  append_text(out, "summary", d.summary);
  append_text(out, "vendor", d.vendor);
  append_text(out, "doc_url", d.doc_url);
  append_text(out, "build", m.build_info);
  append_bits(out, "categories", d.categories, kCategories);
  append_bits(out, "api_types", d.api_types, kApiTypes);
  append_bits(out, "needs", d.needs, kNeeds);
  append_bits(out, "flags", d.flags, kFlags);
  out += ",\"services\":[";
  for (const char* const* id = d.services; id != nullptr && *id != nullptr; ++id) {
    if (id != d.services) out += ',';
    base::append_json_string(out, *id);
  }
  out += "],\"refused\":";
  if (auto runnable = plugin::Host::runnable(d))
    out += "null";
  else
    base::append_json_string(out, runnable.error().text);
  out += ",\"settings_schema\":";
  auto schema = d.settings_schema != nullptr ? plugin::parse_json(d.settings_schema) : fail(Code::NotFound, "");
  if (schema)
    plugin::append_json(out, *schema);
  else
    out += "null";
  return {Verdict::Kind::Passed, out + "}"};
}

}  // namespace gatehouse::conformance
