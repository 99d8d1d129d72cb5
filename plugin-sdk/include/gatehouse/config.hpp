// gatehouse/config.hpp -- an authorizer's settings. Part of authorizer.hpp.
#pragma once
#include <gatehouse/text.hpp>

#include <charconv>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {
inline namespace sdk_1_0_draft_2 {

/// Thrown by a constructor or start(): the text reaches the operator, who reads it beside the line of the
/// configuration.
struct ConfigError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The authorizer's `settings:`. Validated against the schema before the constructor runs. Values are named by RFC 6901
/// pointers: "/token", "/allow/0". Good during the constructor only.
class Config {
 public:
  explicit Config(const gh_config* c) noexcept : c_(c) {}
  std::string_view instance() const noexcept { return view(c_->instance); }
  /// All of it, as canonical JSON.
  std::string_view json() const noexcept { return view(c_->json); }

  bool has(std::string_view pointer) const {
    gh_val v{};
    return find(pointer, v);
  }
  std::string str(std::string_view pointer) const {
    return std::string(view(need(pointer, GH_T_STRING, "a string").val));
  }
  std::string str(std::string_view pointer, std::string_view otherwise) const {
    return has(pointer) ? str(pointer) : std::string(otherwise);
  }
  long long integer(std::string_view pointer) const {
    const std::string_view text = view(need(pointer, GH_T_NUMBER, "a number").val);
    long long out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc() || end != text.data() + text.size()) wrong(pointer, "a whole number");
    return out;
  }
  long long integer(std::string_view pointer, long long otherwise) const {
    return has(pointer) ? integer(pointer) : otherwise;
  }
  bool boolean(std::string_view pointer) const { return view(need(pointer, GH_T_BOOL, "true or false").val) == "true"; }
  bool boolean(std::string_view pointer, bool otherwise) const { return has(pointer) ? boolean(pointer) : otherwise; }
  /// An object or array, as JSON text.
  std::string json(std::string_view pointer) const {
    return std::string(view(need(pointer, GH_T_JSON, "an object or array").val));
  }
  /// Members of an array or object; 0 when there is none.
  std::size_t count(std::string_view pointer) const {
    const gh_str p = raw(pointer);
    std::size_t n = 0;
    return c_->count(c_, &p, &n) == GH_OK ? n : 0;
  }
  std::vector<std::string> strings(std::string_view pointer) const {
    std::vector<std::string> out;
    const std::size_t n = count(pointer);
    for (std::size_t i = 0; i < n; ++i) out.push_back(str(std::string(pointer) + '/' + std::to_string(i)));
    return out;
  }
  /// Names of an object's members, in the order of the file.
  std::vector<std::string> members(std::string_view pointer) const {
    std::vector<std::string> out;
    const gh_str p = raw(pointer);
    gh_str name{};
    for (std::size_t i = 0; c_->member(c_, &p, i, &name) == GH_OK; ++i) out.emplace_back(view(name));
    return out;
  }

 private:
  bool find(std::string_view pointer, gh_val& v) const {
    const gh_str p = raw(pointer);
    return c_->get(c_, &p, &v) == GH_OK;
  }
  gh_val need(std::string_view pointer, std::uint32_t type, const char* what) const {
    gh_val v{};
    if (!find(pointer, v)) throw ConfigError("settings: `" + std::string(pointer) + "` is missing");
    if (v.type != type) wrong(pointer, what);
    return v;
  }
  [[noreturn]] static void wrong(std::string_view pointer, const char* what) {
    throw ConfigError("settings: `" + std::string(pointer) + "` is not " + what);
  }
  const gh_config* c_;
};

}  // namespace sdk_1_0_draft_2
}  // namespace gatehouse
