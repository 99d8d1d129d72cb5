// gatehouse/authorizer.hpp -- write an authorizer in C++17 or later. A header-only layer over abi.h, compiled INTO the
// plugin with the plugin's own compiler and standard library: only the types of abi.h leave it.
//
//   struct Gate : gatehouse::Authorizer {
//     static constexpr auto info = gatehouse::Info("what it does").nonblocking();
//     Gate(const gatehouse::Config& config, gatehouse::Host& host);
//     gatehouse::Answer authorize(const gatehouse::Request& request) override;
//   };
//   GATEHOUSE_AUTHORIZER(Gate, "com.example.gate", "1.0.0")
//
// Whatever the authorizer throws becomes "failed" (500) with the text in the gateway's log.
//
// text, config, request, answer, call, services, host, info .hpp: its parts, one idea each.
#pragma once
#include <gatehouse/answer.hpp>
#include <gatehouse/call.hpp>
#include <gatehouse/config.hpp>
#include <gatehouse/host.hpp>
#include <gatehouse/info.hpp>
#include <gatehouse/request.hpp>
#include <gatehouse/services.hpp>

#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace gatehouse {
inline namespace sdk_1_0_draft_2 {

class AuthorizerBase {
 public:
  virtual ~AuthorizerBase() = default;
  /// Before the first request; may block (fetch keys, open files). What it throws refuses the configuration.
  virtual void start() {}
  /// After the last request: answer what is owed, join own threads.
  virtual void stop() {}
  /// A hint that nobody waits for that call any more.
  virtual void cancel(std::uint64_t call_id) { static_cast<void>(call_id); }
};

/// An authorizer that answers before it returns.
class Authorizer : public AuthorizerBase {
 public:
  /// From many threads at once.
  virtual Answer authorize(const Request& request) = 0;
};

/// An authorizer that may answer later, from any thread.
class AsyncAuthorizer : public AuthorizerBase {
 public:
  /// From many threads at once.
  virtual void authorize(const Request& request, Call call) = 0;
};

namespace detail {

inline void set_error(gh_err* e, std::int32_t code, const char* what) noexcept {
  if (e == nullptr) return;
  e->code = code;
  std::size_t n = std::strlen(what);
  if (n >= sizeof e->msg) {
    n = sizeof e->msg - 1;
    while (n > 0 && (static_cast<unsigned char>(what[n]) & 0xC0) == 0x80) --n;  // not inside a UTF-8 character
  }
  std::memcpy(e->msg, what, n);
  e->msg[n] = 0;
}

template <class F>
std::int32_t guard(gh_err* e, F&& f) noexcept {
  try {
    f();
    return GH_OK;
  } catch (const ConfigError& x) {
    set_error(e, GH_E_CONFIG, x.what());
    return GH_E_CONFIG;
  } catch (const std::exception& x) {
    set_error(e, GH_E_EXCEPTION, x.what());
    return GH_E_EXCEPTION;
  } catch (...) {
    set_error(e, GH_E_EXCEPTION, "unknown exception");
    return GH_E_EXCEPTION;
  }
}

template <class T, class = void>
struct InfoOf {
  static constexpr Info value = Info("");
};
template <class T>
struct InfoOf<T, std::void_t<decltype(T::info)>> {
  static constexpr Info value = T::info;
};

#if defined(__clang__)
#define GH_COMPILER_ "clang " __clang_version__
#elif defined(__GNUC__)
#define GH_COMPILER_ "gcc " __VERSION__
#else
#define GH_COMPILER_ "another compiler"
#endif
#if defined(_LIBCPP_VERSION)
#define GH_LIBRARY_ "libc++"
#elif defined(__GLIBCXX__)
#define GH_LIBRARY_ "libstdc++"
#else
#define GH_LIBRARY_ "another library"
#endif

/// The C face of the class T. Id: what the macro makes of the literals.
template <class T, class Id>
struct Export {
  static constexpr bool kAsync = std::is_base_of_v<AsyncAuthorizer, T>;
  static_assert(kAsync || std::is_base_of_v<Authorizer, T>, "derive from gatehouse::Authorizer or AsyncAuthorizer");

  struct Instance {
    explicit Instance(const gh_host* h) noexcept : host(h) {}
    Host host;
    std::unique_ptr<T> authorizer;
  };
  static Instance* of(gh_plugin* p) noexcept { return reinterpret_cast<Instance*>(p); }

  static std::int32_t GH_CALL create(const gh_host* h, const gh_config* c, gh_plugin** out, gh_err* e) noexcept {
    return guard(e, [&] {
      auto instance = std::make_unique<Instance>(h);
      const Config config(c);
      if constexpr (std::is_constructible_v<T, const Config&, Host&>)
        instance->authorizer = std::make_unique<T>(config, instance->host);
      else
        instance->authorizer = std::make_unique<T>(config);
      *out = reinterpret_cast<gh_plugin*>(instance.release());
    });
  }
  static std::int32_t GH_CALL start(gh_plugin* p, gh_err* e) noexcept {
    return guard(e, [&] { of(p)->authorizer->start(); });
  }
  static std::int32_t GH_CALL authorize(gh_plugin* p, const gh_request* r) noexcept {
    Instance* instance = of(p);
    const gh_host* h = instance->host.c();
    const std::uint64_t id = r->call_id;  // the request may be gone once complete() has returned
    try {
      if constexpr (kAsync) {
        instance->authorizer->authorize(Request(r), Call(h, id));
        return GH_PENDING;
      } else {
        return instance->authorizer->authorize(Request(r)).send(h, id);
      }
    } catch (const std::exception& x) {
      thrown(*instance, id, x.what());
    } catch (...) {
      thrown(*instance, id, "unknown exception");
    }
    return GH_E_EXCEPTION;
  }
  static void thrown(Instance& instance, std::uint64_t id, const char* what) noexcept {
    // An AsyncAuthorizer's Call has answered by its destruction, or lives on elsewhere: the host closes it then.
    if constexpr (kAsync)
      instance.host.log(Level::Error, what, id);
    else
      send_failed(instance.host.c(), id, what);
  }
  static void GH_CALL cancel(gh_plugin* p, std::uint64_t id) noexcept {
    guard(nullptr, [&] { of(p)->authorizer->cancel(id); });
  }
  static void GH_CALL stop(gh_plugin* p) noexcept {
    guard(nullptr, [&] { of(p)->authorizer->stop(); });
  }
  static void GH_CALL destroy(gh_plugin* p) noexcept {
    guard(nullptr, [&] { delete of(p); });
  }
  static const void* GH_CALL extension(gh_plugin*, const char*) noexcept { return nullptr; }

  static const gh_plugin_desc* GH_CALL plugin(std::uint32_t index) noexcept {
    static constexpr Info info = InfoOf<T>::value;
    static const gh_plugin_desc desc = {sizeof(gh_plugin_desc),
                                        info.categories_,
                                        info.api_types_,
                                        info.needs_,
                                        info.flags_ | (kAsync ? GH_F_ASYNC : 0u),
                                        0,
                                        Id::id(),
                                        Id::version(),
                                        info.summary_,
                                        info.vendor_,
                                        info.doc_url_,
                                        info.settings_schema_,
                                        info.services_[0] != nullptr ? info.services_ : nullptr};
    return index == 0 ? &desc : nullptr;
  }
  static const void* GH_CALL iface(std::uint32_t index, const char* id) noexcept {
    static const gh_authorizer table = {
        sizeof(gh_authorizer), 0, create, start, authorize, cancel, stop, destroy, extension};
    return index == 0 && std::strcmp(id, GH_IFACE_AUTHORIZER) == 0 ? &table : nullptr;
  }
  static const gh_module* module() noexcept {
    static const gh_module m = {sizeof(gh_module),
                                GH_ABI_MAJOR,
                                GH_ABI_MINOR,
                                0,
                                GH_ABI_DRAFT,
                                1,
                                GH_COMPILER_ ", " GH_LIBRARY_ ", C++ " GH_STRING_(__cplusplus),
                                plugin,
                                iface};
    return &m;
  }
};

}  // namespace detail
}  // namespace sdk_1_0_draft_2
}  // namespace gatehouse

/// Once per library, at file scope, without a semicolon. `Id` and `Version` are string literals.
#define GATEHOUSE_AUTHORIZER(Type, Id, Version)                             \
  GATEHOUSE_MANIFEST(Id, Version)                                           \
  namespace {                                                               \
  struct GatehouseId {                                                      \
    static const char* id() noexcept { return Id; }                         \
    static const char* version() noexcept { return Version; }               \
  };                                                                        \
  }                                                                         \
  extern "C" GH_EXPORT const gh_module* GH_CALL gatehouse_module_v1(void) { \
    return ::gatehouse::detail::Export<Type, GatehouseId>::module();        \
  }
