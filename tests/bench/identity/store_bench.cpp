// How long a gateway takes to ask the store of identities for a caller whom it does not know yet.
//
//   identity_bench DATABASE|CONNINFO [KEYS]
//
// Makes KEYS users (1,000,000), each with a key, an inline and an attached policy and a group, unless they are there;
// then asks for random ones: key, user, his groups, and every policy. Cold: as a process that has just begun, its
// connection's cache empty; the machine's page cache is as it is found (`echo 3 > /proc/sys/vm/drop_caches` empties it
// first).
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "identity/store.hpp"

namespace {

using namespace gatehouse;
using namespace gatehouse::identity;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kAccount = "111122223333";
constexpr int kAtOnce = 5'000, kGroups = 100, kLookups = 20'000;

std::string numbered(const char* prefix, int number) {
  char text[32];
  std::snprintf(text, sizeof text, "%s%012d", prefix, number);
  return text;
}

// Keys are spread over the index as random ids are.
int scattered(int number, int count) {
  return static_cast<int>(static_cast<std::uint64_t>(number) * 7'368'787 % static_cast<std::uint64_t>(count));
}

void expect(const Outcome<bool>& done) {
  if (done) return;
  std::fprintf(stderr, "%s: %s\n", done.error().code.c_str(), done.error().message.c_str());
  std::exit(1);
}

const std::string kPolicy =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:*:111122223333:abcde12345/*/GET/orders/*"}]})";

std::string group_id(int number) {
  return numbered("AGPA", number % kGroups);
}

void fill_shared(Tables& tables) {
  ManagedPolicy policy;
  policy.id = "ANPAREAD";
  policy.account = kAccount;
  policy.name = "Read";
  tables.put(policy);
  tables.put_version(policy.id, {"v1", kPolicy, 0, true});
  for (int i = 0; i < kGroups; ++i) {
    Group group;
    group.id = group_id(i);
    group.account = kAccount;
    group.name = numbered("group", i);
    tables.put(group);
    tables.attach(group.id, policy.arn());
  }
}

void add(Tables& tables, int number, int count) {
  User user;
  const int spread = scattered(number, count);
  user.id = numbered("AIDA", spread);
  user.account = kAccount;
  user.name = numbered("user", spread);
  user.tags = {{"team", "blue"}};
  tables.put(user);
  tables.put_inline(user.id, {"Own", kPolicy});
  tables.attach(user.id, "arn:aws:iam::111122223333:policy/Read");
  tables.add_member(group_id(spread), user.id);
  AccessKey key;
  key.id = numbered("AKIA", spread);
  key.owner = user.id;
  key.secret = base::Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
  tables.put(key);
}

void fill(Store& store, int count) {
  const auto began = Clock::now();
  expect(store.write<bool>([](Tables& tables) -> Outcome<bool> {
    fill_shared(tables);
    return true;
  }));
  for (int first = 0; first < count; first += kAtOnce) {
    expect(store.write<bool>([&](Tables& tables) -> Outcome<bool> {
      for (int i = first; i < std::min(first + kAtOnce, count); ++i) add(tables, i, count);
      return true;
    }));
    std::fprintf(stderr, "\r%d", first + kAtOnce);
  }
  std::fprintf(stderr, "\rmade %d users in %.0f s\n", count,
               std::chrono::duration<double>(Clock::now() - began).count());
}

std::size_t look_up(Tables& tables, const std::string& key_id) {
  const auto key = tables.key(key_id);
  const auto user = tables.user_by_id(key.value().owner);
  std::size_t bytes = user.value().name.size();
  const auto policies_of = [&](const std::string& holder) {
    for (const InlinePolicy& policy : tables.inline_policies(holder)) bytes += policy.document.size();
    for (const std::string& arn : tables.attached(holder)) bytes += tables.policy(arn).value().document.size();
  };
  policies_of(user->id);
  for (const Group& group : tables.groups_of(user->id)) policies_of(group.id);
  return bytes;
}

/// By the clock, and by the processor: the second does not see what else the machine does, nor its disk.
struct Times {
  std::vector<double> clock, processor;

  void run(const std::function<void()>& body) {
    const auto began = Clock::now();
    const double used = processor_us();
    body();
    processor.push_back(processor_us() - used);
    clock.push_back(std::chrono::duration<double, std::micro>(Clock::now() - began).count());
  }
  static double processor_us() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
  }
};

void report(const char* what, Times& times) {
  const auto at = [](std::vector<double>& micros, double share) {
    std::sort(micros.begin(), micros.end());
    return micros[static_cast<std::size_t>(share * static_cast<double>(micros.size() - 1))];
  };
  std::printf("%-30s n=%-6zu us: p50 %5.0f  p99 %6.0f  max %7.0f   cpu: p50 %5.0f  p99 %6.0f\n", what,
              times.clock.size(), at(times.clock, 0.5), at(times.clock, 0.99), at(times.clock, 1),
              at(times.processor, 0.5), at(times.processor, 0.99));
}

void measure(Store& store, const char* what, int count, int lookups, bool policies) {
  std::mt19937 random(static_cast<unsigned>(lookups));
  Times times;
  for (int i = 0; i < lookups; ++i) {
    const std::string id = numbered("AKIA", static_cast<int>(random() % static_cast<unsigned>(count)));
    times.run([&] {
      expect(store.read<bool>([&](Tables& tables) -> Outcome<bool> {
        return policies ? look_up(tables, id) > 0 : tables.key(id).has_value();
      }));
    });
  }
  report(what, times);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 64;
  const int count = argc > 2 ? std::atoi(argv[2]) : 1'000'000;
  Store::Options options;
  const std::string target = argv[1];
  (target.find('=') == std::string::npos && target.find("://") == std::string::npos ? options.sqlite
                                                                                    : options.postgresql) = target;
  const auto open = [&] {
    auto store = Store::open(options, KeyRing::parse("k1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").value());
    if (store) return *store;
    std::fprintf(stderr, "%s\n", store.error().what().c_str());
    std::exit(1);
  };
  {
    const auto store = open();
    const auto there = store->read<bool>(
        [&](Tables& tables) -> Outcome<bool> { return tables.key(numbered("AKIA", count - 1)).has_value(); });
    if (there && !*there) fill(*store, count);
  }
  const auto store = open();
  measure(*store, "key and policies, first 1000", count, 1'000, true);
  measure(*store, "key and policies", count, kLookups, true);
  measure(*store, "key alone", count, kLookups, false);
  Times times;
  for (int i = 0; i < 1'000; ++i) times.run([&] { static_cast<void>(store->version().value()); });
  report("version", times);
  return 0;
}
