#include "plugin/manifest.hpp"

#include <gatehouse/abi.h>

#include <algorithm>
#include <optional>

#include "base/text.hpp"

namespace gatehouse::plugin {
namespace {

constexpr std::string_view kFirstLine = "GATEHOUSE-PLUGIN/1";
constexpr std::size_t kMaxManifest = 4096;
constexpr std::size_t kMaxId = 128;
constexpr std::size_t kMaxVersion = 64;

bool is_word(char c) noexcept {
  const char low = base::to_lower(c);
  return (low >= 'a' && low <= 'z') || base::is_digit(c) || c == '-' || c == '_';
}

bool is_id(std::string_view text) noexcept {
  if (text.size() > kMaxId || text.find('.') == std::string_view::npos) return false;
  char before = '.';
  for (const char c : text) {
    if (c == '.' ? before == '.' : !is_word(c)) return false;
    before = c;
  }
  return before != '.';
}

bool is_version(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kMaxVersion &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_word(c) || c == '.' || c == '+' || c == '~'; });
}

tl::unexpected<Error> bad(const char* what) {
  return fail(Code::Invalid, std::string("its manifest is malformed: ") + what);
}

std::string version_text(std::uint32_t major, std::uint32_t draft) {
  std::string out = "ABI " + std::to_string(major);
  if (draft != 0) out += " draft " + std::to_string(draft);
  return out;
}

Result<void> check_safety(const ElfFacts& elf) {
  if (elf.executable_stack) return fail(Code::Refused, "it wants an executable stack: link it with `-z noexecstack`");
  if (elf.text_relocations) return fail(Code::Refused, "it has text relocations: compile all of it with `-fPIC`");
  if (elf.static_tls)
    return fail(Code::Refused,
                "it needs static thread-local storage, which runs out in a running process: compile it without "
                "`-ftls-model=initial-exec`");
  for (std::string_view rest = elf.run_path; !rest.empty();) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    const std::string_view folder = rest.substr(0, colon);
    if (folder.empty() || folder.front() != '/')
      return fail(Code::Refused,
                  "its run path `" + std::string(elf.run_path) +
                      "` depends on where the file lies, and it is loaded from a copy: link it without one");
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  return {};
}

}  // namespace

Abi own_abi() noexcept {
  return {GH_ABI_MAJOR, GH_ABI_MINOR, GH_ABI_DRAFT};
}

Result<Manifest> parse_manifest(std::string_view section) {
  std::string_view rest = section.substr(0, section.find('\0'));
  if (rest.size() > kMaxManifest) return fail(Code::Limit, "its manifest is too large");
  if (!rest.starts_with(kFirstLine) || rest.size() == kFirstLine.size() || rest[kFirstLine.size()] != '\n')
    return bad("it does not begin with `GATEHOUSE-PLUGIN/1`");
  rest.remove_prefix(kFirstLine.size() + 1);

  std::optional<std::string_view> id, version, abi, draft;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return bad("its last line has no end");
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0) return bad("a line is not `name=value`");
    const std::string_view name = line.substr(0, equals);
    std::optional<std::string_view>* slot = name == "id"        ? &id
                                            : name == "version" ? &version
                                            : name == "abi"     ? &abi
                                            : name == "draft"   ? &draft
                                                                : nullptr;
    if (slot == nullptr) continue;
    if (slot->has_value()) return bad("a name stands there twice");
    *slot = line.substr(equals + 1);
  }
  if (!id || !is_id(*id)) return bad("no `id`, or not a dotted one");
  if (!version || !is_version(*version)) return bad("no `version`, or not one");
  if (!abi) return bad("no `abi`");
  const std::size_t dot = abi->find('.');
  const auto major = base::parse_integer<std::uint16_t>(abi->substr(0, dot));
  const auto minor =
      dot == std::string_view::npos ? std::nullopt : base::parse_integer<std::uint16_t>(abi->substr(dot + 1));
  const auto draft_number = draft ? base::parse_integer<std::uint16_t>(*draft) : std::uint16_t{0};
  if (!major || !minor || !draft_number) return bad("`abi` or `draft` is not a number");
  Manifest out;
  out.id = *id;
  out.version = *version;
  out.abi_major = *major;
  out.abi_minor = *minor;
  out.draft = *draft_number;
  return out;
}

Result<Manifest> check_library(std::string_view bytes) {
  auto elf = read_elf(bytes);
  if (!elf) return tl::unexpected(elf.error());
  if (elf->machine != own_machine())
    return fail(Code::Refused, "it is built for another machine: build it for this one");
  if (elf->manifest.empty())
    return fail(Code::Invalid,
                "it has no manifest, so it is not a Gatehouse plugin: use GATEHOUSE_AUTHORIZER or "
                "GATEHOUSE_MANIFEST of the SDK");
  auto manifest = parse_manifest(elf->manifest);
  if (!manifest) return manifest;
  if (manifest->abi_major != GH_ABI_MAJOR || manifest->draft != GH_ABI_DRAFT)
    return fail(Code::Refused, "it is built for " + version_text(manifest->abi_major, manifest->draft) +
                                   ", this gateway offers " + version_text(GH_ABI_MAJOR, GH_ABI_DRAFT) +
                                   ": rebuild it with this gateway's SDK");
  const auto& exported = elf->exported;
  if (std::find(exported.begin(), exported.end(), GH_ENTRY_NAME) == exported.end()) {
    const bool other = std::any_of(exported.begin(), exported.end(),
                                   [](std::string_view s) { return s.starts_with("gatehouse_module_v"); });
    return fail(Code::Refused, other ? "it exports no `" GH_ENTRY_NAME
                                       "` but that of another ABI major: rebuild it with "
                                       "this gateway's SDK"
                                     : "it exports no `" GH_ENTRY_NAME
                                       "`: build it with gatehouse_add_authorizer() or the "
                                       "SDK's version script");
  }
  if (auto safe = check_safety(*elf); !safe) return tl::unexpected(safe.error());
  return manifest;
}

}  // namespace gatehouse::plugin
