#pragma once
#include <functional>
#include <string>

#include "policy/flip.hpp"

namespace gatehouse::policy {

/// How the reader knows a statement: `statement 1 "Outsiders"`, `/resourcePolicy/Statement/1`.
using NameOf = std::function<std::string(const Policy&, const Statement&)>;

/// A flip in one sentence, for people: `statement 1 would not deny it if aws:SourceIp were in 192.0.2.0/24 (here
/// 203.0.113.9)`. Says when that alone is not enough. Empty when there is nothing to say. Lists and values are cut
/// short; texts of policies and requests are in it as they are. [any]
std::string text(const Flip& flip, const Question& question, const NameOf& name_of);

/// What a change asks for: `aws:SourceIp were in 192.0.2.0/24`.
std::string wish(const Change& change, const Statement& statement);

}  // namespace gatehouse::policy
