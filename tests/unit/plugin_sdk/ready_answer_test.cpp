#include <gtest/gtest.h>
#include <gatehouse/answer.hpp>
#include <gatehouse/call.hpp>

#include <string>

namespace {

namespace gh = gatehouse;

/// Writes down what a host is given.
struct Host {
  gh_host host{};
  std::string said;
  int calls = 0;
  Host() {
    host.struct_size = sizeof host;
    host.impl = this;
    host.complete = [](const gh_host* h, std::uint64_t id, const gh_answer* a) -> std::int32_t {
      auto* self = static_cast<Host*>(h->impl);
      ++self->calls;
      self->said = std::to_string(id) + ' ' + std::to_string(a->kind) + ' ' + std::to_string(a->ttl_s) + ' ' +
                   std::to_string(a->valid_until_unix_ms);
      for (const gh_str* s : {&a->principal_id, &a->challenge, &a->usage_key, &a->reason, &a->error_text, &a->message,
                              &a->response_type, &a->error_type, &a->principal_arn, &a->principal_account})
        self->said += s->ptr == nullptr ? " -" : ' ' + std::string(s->ptr, s->len);
      for (const gh_vals* list : {&a->context, &a->claims, &a->identity})
        for (std::size_t i = 0; i < list->count; ++i)
          self->said += ' ' + std::string(gh::view(list->items[i].key)) + '=' +
                        std::string(gh::view(list->items[i].val)) + std::to_string(list->items[i].type);
      self->said += a->scopes.items == nullptr ? " none" : " scopes";
      for (std::size_t i = 0; i < a->scopes.count; ++i) self->said += ' ' + std::string(gh::view(a->scopes.items[i]));
      for (std::size_t i = 0; i < a->policies.count; ++i)
        self->said += ' ' + std::string(gh::view(a->policies.items[i].json)) +
                      std::to_string(a->policies.items[i].role) + std::to_string(a->policies.items[i].handle);
      return GH_OK;
    };
  }
};

TEST(ReadyAnswer, SaysTheSameEachTime) {
  gh::Answer many = gh::allow("ann");
  for (int i = 0; i < 20; ++i)
    many.claim("claim" + std::to_string(i), std::string(50, 'x')).context("c" + std::to_string(i), i);
  const gh::Answer all[] = {gh::allow("ann"),
                            gh::deny("no").challenge("Bearer").error_text("e"),
                            gh::failed("why").response_type("T").message("m").error_type("E"),
                            gh::allow("ann").claim("a", "b").scope("read").scope("write").ttl(5).valid_until(7),
                            gh::allow("ann").scopes(std::vector<std::string>()),
                            many,
                            gh::allow("ann").policy("{}"),
                            gh::abstain().policy(std::uint64_t{9}, GH_ROLE_RESOURCE)};
  for (const gh::Answer& answer : all) {
    Host plain, ready;
    answer.send(&plain.host, 3);
    const gh::ReadyAnswer kept(answer);
    for (int i = 0; i < 2; ++i) {
      gh::Call(&ready.host, 3).complete(kept);
      EXPECT_EQ(ready.said, plain.said);
    }
    EXPECT_EQ(ready.calls, 2);
  }
}

}  // namespace
