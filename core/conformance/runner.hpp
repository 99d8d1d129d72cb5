#pragma once
#include <chrono>
#include <string>

#include "conformance/rule.hpp"

namespace gatehouse::conformance {

/// Holds a file to a rule in a process of its own: this program again, as `gatehouse plugin probe`. A process that
/// crashes, hangs or ends by itself is a failure that says where it was. [setup]
Verdict run_apart(const std::string& rule, const Question& question, std::chrono::seconds limit);

/// The other side: reads the settings from standard input, holds the rule and writes the verdict to descriptor 3.
/// Returns the exit code; does not run the plugin's destructors.
int run_probe(const std::string& rule, Question question);

}  // namespace gatehouse::conformance
