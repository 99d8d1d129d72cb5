#include "config/load.hpp"

#include <algorithm>
#include <tuple>

#include "config/check.hpp"
#include "config/document.hpp"
#include "config/reader.hpp"

namespace gatehouse::config {
namespace {

// In the order of the text, so that a person goes through the file once.
void sort_by_place(std::vector<Error>& errors, const std::vector<std::string>& files) {
  const auto place = [&](const Error& error) {
    const auto file = std::find(files.begin(), files.end(), error.where.file) - files.begin();
    return std::make_tuple(file, error.where.line, error.where.column);
  };
  std::stable_sort(errors.begin(), errors.end(), [&](const Error& a, const Error& b) { return place(a) < place(b); });
}

std::optional<Config> read(Document document, Diagnostics found, Diagnostics& diagnostics) {
  std::optional<Config> config(std::in_place);
  config->files = document.files;
  if (document.root.kind == Node::Kind::Map) {
    Reader reader(document, found);
    config->gateway.where = document.where({document.root.mark.file, 0, 0});
    read_object(reader, config_table(), document.root, "the file", &*config);
    for (Api& api : config->apis)
      if (api.id.empty()) api.id = api.name;
    for (Authorizer& authorizer : config->authorizers) {
      if (authorizer.settings.json.empty()) authorizer.settings.json = base::Secret("{}");
      authorizer.settings.production = config->gateway.production;
    }
    for (const Error& exposed : document.exposed) {
      if (config->gateway.production)
        found.error(exposed);
      else
        found.warning(exposed.where, exposed.text);
    }
    // A text that could not be read may hold what seems to be missing.
    if (document.whole) check(*config, document, found);
  }
  std::vector<Error> errors = found.errors(), warnings = found.warnings();
  sort_by_place(errors, document.files);
  sort_by_place(warnings, document.files);
  for (Error& error : errors) diagnostics.error(std::move(error));
  for (Error& warning : warnings) diagnostics.warning(std::move(warning.where), std::move(warning.text));
  if (!errors.empty()) config.reset();
  return config;
}

}  // namespace

std::optional<Config> load(const std::string& path, Diagnostics& diagnostics) {
  Diagnostics found;
  Document document = read_document(path, found);
  return read(std::move(document), std::move(found), diagnostics);
}

std::optional<Config> load_text(const std::string& text, const std::string& file_name, const std::string& directory,
                                Diagnostics& diagnostics) {
  Diagnostics found;
  Document document = read_document_text(text, file_name, directory, found);
  return read(std::move(document), std::move(found), diagnostics);
}

}  // namespace gatehouse::config
