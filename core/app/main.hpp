#pragma once

namespace gatehouse::app {

/// Reads the command line and runs one subcommand; returns the exit code (command.hpp).
int main(int argc, char** argv);

}  // namespace gatehouse::app
