// A signed request of one kilobyte with a warm key, beside SHA-256 of one kilobyte: at most four times as long.
#include <benchmark/benchmark.h>
#include <openssl/evp.h>
#include <gatehouse/kit/sigv4/signer.hpp>
#include <gatehouse/kit/sigv4/verifier.hpp>
#include <gatehouse/text.hpp>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::kit::sigv4 {
namespace {

constexpr std::int64_t kNow = 1'768'472'130;
constexpr const char* kSecret = "gatehouse/test/secret+key/0123456789ABCD";

/// What an SDK sends: 1,024 bytes of head in all.
struct Sent {
  std::string path = "/prod/orders/7f3b9c", query = "limit=20&after=eyJpZCI6MTIzNH0&expand=lines&expand=customer";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::vector<gh_kv> views;
  Request request;

  Sent(bool in_query, std::size_t body_size, bool sorted = false) : body(body_size, 'b') {
    if (sorted) query = "after=eyJpZCI6MTIzNH0&expand=customer&expand=lines&limit=20";
    Unsigned asked;
    asked.method = body.empty() ? "GET" : "POST";
    asked.host = "abcde12345.execute-api.us-east-1.amazonaws.com";
    asked.path = path;
    asked.raw_query = query;
    asked.headers = {{"accept", "application/json"},
                     {"accept-encoding", "gzip, deflate, br"},
                     {"content-type", "application/json; charset=utf-8"},
                     {"amz-sdk-invocation-id", "0f1c2ab7-52d4-4f0c-8d53-0a1a4ef5f9a7"},
                     {"amz-sdk-request", "attempt=1; max=3"},
                     {"user-agent", "aws-sdk-js/3.800.0 ua/2.1 os/linux#6.1 lang/js md/nodejs#20.11.1"}};
    Hasher hasher;
    asked.payload = hasher.sha256(body);
    SigningOptions options;
    options.region = "us-east-1";
    options.time_s = kNow;
    options.payload_header = !in_query;
    const auto make = [&] {
      const AccessKey key{"AKIDGATEHOUSE0000001", kSecret, ""};
      const Signed made = in_query ? presign(asked, key, options, 300) : sign(asked, key, options);
      headers = {{"host", asked.host}};
      headers.insert(headers.end(), asked.headers.begin(), asked.headers.end());
      for (auto [name, value] : made.headers) {
        for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
        headers.emplace_back(name, value);
      }
      query = made.raw_query;
      std::size_t bytes = asked.method.size() + path.size() + query.size() + 13;
      for (const auto& [name, value] : headers) bytes += name.size() + value.size() + 4;
      return bytes + 2;
    };
    const std::size_t head = make();
    if (head < 1024) {
      const std::string name = "x-padding";
      const std::size_t more = name.size() * 2 + 5;  // its line, and its name among the signed headers
      asked.headers.emplace_back(name, std::string(1024 > head + more ? 1024 - head - more : 1, 'p'));
      make();
    }
    for (const auto& [key, value] : headers) views.push_back({raw(key), raw(value)});
    request.method = asked.method == "GET" ? "GET" : "POST";
    request.wire_path = request.path = path;
    request.raw_query = query;
    request.authority = headers[0].second;
    request.region = "us-east-1";
    request.headers = {views.data(), views.size()};
  }
  Sent(const Sent&) = delete;
};

void sha256_of_1024_bytes(benchmark::State& state) {
  const std::string text(1024, 'x');
  EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  unsigned char out[32];
  EVP_DigestInit_ex2(context, md, nullptr);
  for (auto _ : state) {
    EVP_DigestInit_ex2(context, nullptr, nullptr);
    EVP_DigestUpdate(context, text.data(), text.size());
    EVP_DigestFinal_ex(context, out, nullptr);
    benchmark::DoNotOptimize(out);
  }
  EVP_MD_CTX_free(context);
  EVP_MD_free(md);
}
BENCHMARK(sha256_of_1024_bytes);

void verify(benchmark::State& state, bool in_query, std::size_t body, bool hash_body) {
  const Sent sent(in_query, body);
  const Verifier verifier{Rules{}};
  Workspace w;
  const Digest key = signing_key(w.hasher, kSecret, "20260115", "us-east-1", "execute-api");
  const Digest known = w.hasher.sha256(sent.body);
  for (auto _ : state) {
    Credentials c;
    Refusal why;
    if (!verifier.read(sent.request, kNow * 1000, w, c, why)) throw std::runtime_error(why.message);
    const Digest payload = hash_body ? w.hasher.sha256(sent.body) : known;
    if (!verifier.match(sent.request, c, key, payload, w).verified) throw std::runtime_error("not verified");
  }
}
BENCHMARK_CAPTURE(verify, head_of_1024_bytes, false, 0, false);
BENCHMARK_CAPTURE(verify, presigned_head_of_1024_bytes, true, 0, false);
BENCHMARK_CAPTURE(verify, head_and_body_of_1024_bytes_each, false, 1024, true);

/// What a request costs that is refused before anything is hashed.
void refuse_stale(benchmark::State& state) {
  const Sent sent(false, 0);
  const Verifier verifier{Rules{}};
  Workspace w;
  for (auto _ : state) {
    Credentials c;
    Refusal why;
    benchmark::DoNotOptimize(verifier.read(sent.request, (kNow + 400) * 1000, w, c, why));
  }
}
BENCHMARK(refuse_stale);

void derive_signing_key(benchmark::State& state) {
  Hasher hasher;
  for (auto _ : state) benchmark::DoNotOptimize(signing_key(hasher, kSecret, "20260115", "us-east-1", "execute-api"));
}
BENCHMARK(derive_signing_key);

}  // namespace
}  // namespace gatehouse::kit::sigv4
