#pragma once
#include <string>
#include <utility>
#include <vector>

#include "integration/integration.hpp"

namespace gatehouse::integration {

/// Answers by itself, as REST's MOCK does.
class Mock final : public Integration {
 public:
  Mock(int status, std::vector<std::pair<std::string, std::string>> headers, std::string body);
  std::string_view kind() const noexcept override { return "mock"; }
  std::string_view name() const noexcept override { return "mock"; }
  void invoke(Invocation& invocation) const override;

 private:
  std::uint16_t status_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::string body_;
};

}  // namespace gatehouse::integration
