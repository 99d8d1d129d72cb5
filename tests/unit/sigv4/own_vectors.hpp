#pragma once
#include "sent.hpp"

// The vectors of spec sigv4, section 14.
namespace gatehouse::kit::sigv4::test {

inline constexpr const char* kSecret = "gatehouse/test/secret+key/0123456789ABCD";
inline constexpr const char* kKeyId = "AKIDGATEHOUSE0000001";
inline constexpr const char* kHost = "abcde12345.execute-api.us-east-1.amazonaws.com";
inline constexpr const char* kTimestamp = "20260115T101530Z";
inline constexpr std::int64_t kNow = 1'768'472'130;  // that very second

struct OwnVector {
  const char* name;
  Sent sent;
  std::string signed_headers;
  std::string canonical_sha256, signature;
  bool in_query = false;
};

inline OwnVector vector_of(const char* name, const char* method, const char* path, const char* query,
                           const char* canonical, const char* signature, const char* body = "",
                           std::vector<std::pair<std::string, std::string>> more = {},
                           const char* signed_headers = "host;x-amz-date") {
  OwnVector out{name, {}, signed_headers, canonical, signature, false};
  out.sent.method = method;
  out.sent.path = path;
  out.sent.query = query;
  out.sent.body = body;
  out.sent.add("host", kHost);
  out.sent.add("x-amz-date", kTimestamp);
  for (const auto& [key, value] : more) out.sent.add(key, value);
  out.sent.add("authorization", std::string("AWS4-HMAC-SHA256 Credential=") + kKeyId +
                                    "/20260115/us-east-1/execute-api/aws4_request, SignedHeaders=" + signed_headers +
                                    ", Signature=" + signature);
  return out;
}

inline std::vector<OwnVector> own_vectors() {
  std::vector<OwnVector> out{
      vector_of("V1", "GET", "/prod/pets", "b=2&a=1&a=0&A=3&flag",
                "7ad74a03b1d81bc5fbab90c2ad07cf188fe3352659bdb61c99fd8981076b2015",
                "160deb02b6f8b85e2062243381924d03ddf40f69d86be8aa9b767ec3bb7cf2f4"),
      vector_of("V2", "GET", "/prod/pets/caf%C3%A9/a%20b", "",
                "e98cee8055f1da3e18ac6a643a4ff1bfe7b9139d5f4258d63229615998075f59",
                "d8d6ea2f6fd1387e490348be568902bd6ec7b35ed38ad8f67975515ec93270c3"),
      vector_of("V3", "POST", "/prod/orders", "", "98e2496525b81680fd59822032ead61b77b078a6f1dc73125f44c1195368539a",
                "e904a912ef37e51afca3f6df11bde257e06cb0ca3ef3551b6d19c6526db31b50", R"({"id":1})",
                {{"content-type", "application/json"},
                 {"x-amz-security-token", "GHSESSIONTOKEN/abc+def=="},
                 {"x-custom", "  a   b  "},
                 {"x-custom", "c"}},
                "content-type;host;x-amz-date;x-amz-security-token;x-custom"),
      vector_of("V5", "GET", "/prod/p", "Param-3=v3&Param=v2&%E1%88%B4=v1&x=%2a",
                "1bc5974efa56a79a337a1431d9f7046e4771a53f1282de5e3022fb166fd8a613",
                "882c1398c8e3c3c25870335949047f60d1db9ed286084bdd995236be6dd640ab"),
      vector_of("V6a", "POST", "/prod/@connections/AbC1dEf=", "",
                "2adfe89c438d709e2d0f3690ab923eb45fde133d6e6cbef65907722d3747111e",
                "838da228d1b7b57c41bb1818134ee360cb274e93814959c494d1a6082008ac17", "hello"),
      vector_of("V6b", "POST", "/prod/%40connections/AbC1dEf%3D", "",
                "f451e641e74a6483ee624eb4c58d06822ac960b00476bafe069d092f8188fb52",
                "cbda58b1770bc9f88cde1da99ab897f0cc99eaf4da4b3628b0b33b62e8802501", "hello"),
  };
  OwnVector v4{"V4",
               {},
               "host",
               "c6f5d1730d86946ded633b680990550aecfeb64f206dd5a9c6e87e9ec9988c99",
               "b68964fd703d529b139b6eaf75942584b674193ce53bb9ab18c0033bf0033334",
               true};
  v4.sent.path = "/prod";
  v4.sent.query =
      "tenant=t1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDGATEHOUSE0000001%2F20260115%2Fus-east-1%2F"
      "execute-api%2Faws4_request&X-Amz-Date=20260115T101530Z&X-Amz-Expires=60&X-Amz-Security-Token=GHSESSIONTOKEN%2F"
      "abc%2Bdef%3D%3D&X-Amz-SignedHeaders=host&X-Amz-Signature=" +
      v4.signature;
  v4.sent.add("host", kHost);
  out.push_back(std::move(v4));
  return out;
}

inline OwnVector own_vector(std::string_view name) {
  for (OwnVector& one : own_vectors())
    if (one.name == name) return std::move(one);
  throw std::logic_error("no such vector");
}

}  // namespace gatehouse::kit::sigv4::test
