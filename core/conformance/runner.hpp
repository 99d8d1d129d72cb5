#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "conformance/rule.hpp"

namespace gatehouse::conformance {

/// A rule to be held in a process of its own.
struct Task {
  std::string rule;
  Question question;
  std::chrono::seconds limit;
  int attempts = 1;    // how often it may fail before it counts
  bool alone = false;  // nothing else runs meanwhile: it measures time
};

/// Holds every task, at most `jobs` at once, see Apart. A process that crashes, hangs or ends by itself is a failure
/// that says where it was. `done` gets the verdicts in the order of the tasks, each as soon as it can. When the user
/// interrupts, every process is ended and its directory removed before this one ends as it was told to. [setup]
void run_all(const std::vector<Task>& tasks, unsigned jobs,
             const std::function<void(std::size_t, const Verdict&)>& done);
Verdict run_apart(const std::string& rule, const Question& question, std::chrono::seconds limit);

/// The other side: reads the rest of the question from standard input, holds the rule and writes the verdict to
/// kReport. Returns the exit code; does not run the plugin's destructors.
int run_probe(const std::string& rule, Question question);

}  // namespace gatehouse::conformance
