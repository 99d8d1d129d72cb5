// A process that writes identities, for the story identity_kill: it can be killed, and its disk can be full.
//
//   identity_writer DATABASE write FIRST COUNT   a user and his key a transaction; a line for each that is acknowledged
//   identity_writer DATABASE list                a line for each user that is there whole; exits 1 when one is not
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "identity/store.hpp"

namespace {

using namespace gatehouse;
using namespace gatehouse::identity;

constexpr std::string_view kAccount = "111122223333";

void say(const std::string& line) {
  const std::string text = line + "\n";
  if (::write(STDOUT_FILENO, text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::_Exit(3);
}

std::string numbered(const char* prefix, int number) {
  char text[32];
  std::snprintf(text, sizeof text, "%s%07d", prefix, number);
  return text;
}

Outcome<bool> add(Store& store, int number) {
  return store.write<bool>([&](Tables& tables) -> Outcome<bool> {
    User user;
    user.id = numbered("AIDA", number);
    user.account = kAccount;
    user.name = numbered("user", number);
    user.tags = {{"filler", std::string(200, 'x')}};
    tables.put(user);
    AccessKey key;
    key.id = numbered("AKIA", number);
    key.owner = user.id;
    key.secret = base::Secret("secret of " + user.name);
    tables.put(key);
    return true;
  });
}

int write(Store& store, int first, int count) {
  int faults = 0;
  for (int number = first; number < first + count; ++number) {
    const auto done = add(store, number);
    if (done) {
      say(numbered("user", number));
      continue;
    }
    say("fault " + done.error().code + ": " + done.error().message);
    if (++faults == 5) return 2;
  }
  return 0;
}

int list(Store& store) {
  const auto done = store.read<bool>([](Tables& tables) -> Outcome<bool> {
    for (const User& user : tables.users(kAccount, {"/", "", 1'000'000})) {
      const auto keys = tables.keys_of(user.id);
      if (keys.size() != 1 || keys[0].secret.reveal() != "secret of " + user.name || user.tags.size() != 1)
        return refuse("Broken", user.name);
      say(user.name);
    }
    return true;
  });
  if (!done) say("fault " + done.error().code + ": " + done.error().message);
  return done ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of write(2), as on a full disk
  if (argc < 3) return 64;
  Store::Options options;
  options.sqlite = argv[1];
  auto ring = KeyRing::parse("k1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
  const auto store = Store::open(options, std::move(*ring));
  if (!store) {
    say("cannot open: " + store.error().what());
    return 4;
  }
  if (std::strcmp(argv[2], "list") == 0) return list(**store);
  return argc == 5 ? write(**store, std::atoi(argv[3]), std::atoi(argv[4])) : 64;
}
