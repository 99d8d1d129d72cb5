#pragma once
#include <memory>
#include <string>
#include <vector>

#include "app/command.hpp"
#include "base/error.hpp"
#include "identity/operation.hpp"

namespace gatehouse::app {

/// Where identities are, as the command line says it.
struct IamPlace {
  std::string config;      // gatehouse.yaml: its `identity:` and `gateway:`
  std::string store;       // sqlite:PATH, postgresql:CONNECTION, file:PATH
  std::string master_key;  // file:PATH, env:NAME, credential:NAME
  std::string account, region;
};

struct OpenedStore {
  std::shared_ptr<identity::Store> store;
  std::string account, region;
};

/// Opens it. `init`: makes the master key's file and the database where they are not there. Errors say which option to
/// change.
Result<OpenedStore> open_iam_store(const IamPlace& place, bool init);

/// The text of an option, or of `file://PATH` the file's content. Errors: it cannot be read, or has more than 1 MiB.
Result<std::string> iam_text(const std::string& given);
/// What the texts of an option say of its parameter, in AWS's spelling: `Key=team,Value=a`, `a=b,c=d`, JSON. Errors say
/// what was expected.
Result<identity::Value> iam_value(const identity::Parameter& parameter, const std::vector<std::string>& given);

}  // namespace gatehouse::app
