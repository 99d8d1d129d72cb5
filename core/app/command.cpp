#include "app/command.hpp"

#include <cstdio>

#include "base/text.hpp"

namespace gatehouse::app {
namespace {

std::string json_list(const std::vector<Error>& errors) {
  std::string out = "[";
  for (const Error& error : errors) {
    if (out.size() > 1) out += ',';
    out += "{\"file\":";
    base::append_json_string(out, error.where.file);
    out += ",\"line\":" + std::to_string(error.where.line) + ",\"column\":" + std::to_string(error.where.column) +
           ",\"code\":";
    base::append_json_string(out, name(error.code));
    out += ",\"text\":";
    base::append_json_string(out, error.text);
    out += '}';
  }
  return out + "]";
}

}  // namespace

void print(const config::Diagnostics& diagnostics) {
  for (const Error& warning : diagnostics.warnings()) std::fprintf(stderr, "warning: %s\n", warning.what().c_str());
  for (const Error& error : diagnostics.errors()) std::fprintf(stderr, "error: %s\n", error.what().c_str());
}

std::string json(const config::Diagnostics& diagnostics) {
  return std::string("{\"ok\":") + (diagnostics.ok() ? "true" : "false") +
         ",\"errors\":" + json_list(diagnostics.errors()) + ",\"warnings\":" + json_list(diagnostics.warnings()) + "}";
}

}  // namespace gatehouse::app
