#include <unordered_map>

#include "identity/operations/entities.hpp"

namespace gatehouse::identity {
namespace {

struct Table {
  Table() {
    using namespace operations;
    for (const auto& part : {users(), access_keys(), groups(), roles(), inline_policies(), attachments(),
                             managed_policies(), boundaries(), tags(), providers(), summary(), pools()})
      for (const Operation& one : part) {
        all.push_back(&one);
        by_name.emplace(one.name, &one);
      }
  }
  std::vector<const Operation*> all;
  std::unordered_map<std::string_view, const Operation*> by_name;
};

const Table& table() {
  static const Table kTable;
  return kTable;
}

}  // namespace

std::span<const Operation* const> all_operations() {
  return table().all;
}

const Operation* find_operation(std::string_view name) noexcept {
  const auto at = table().by_name.find(name);
  return at != table().by_name.end() ? at->second : nullptr;
}

}  // namespace gatehouse::identity
