// gatehouse.executor/1: the plugin's own share of the executor.
#include <utility>

#include "plugin/instance.hpp"
#include "plugin/services.hpp"

namespace gatehouse::plugin {
namespace {

class Work final : public Operation {
 public:
  Work(gh_done_fn work, void* user) noexcept : work_(work), user_(user) {}

 private:
  void call_back(std::int32_t status, std::uint32_t worker) override { work_(user_, status, worker); }
  bool brings_thread() const noexcept override { return true; }

  const gh_done_fn work_;
  void* const user_;
};

/// Work on its way to a thread. When none comes, because the executor ends first, it is left to the instance.
class Errand {
 public:
  Errand(std::shared_ptr<Operations> operations, std::shared_ptr<Work> work) noexcept
      : operations_(std::move(operations)), work_(std::move(work)) {}
  Errand(const Errand&) = delete;
  Errand& operator=(const Errand&) = delete;
  ~Errand() {
    if (work_ != nullptr) operations_->strand(std::move(work_));
  }
  void run() noexcept {
    const auto work = std::move(work_);
    operations_->run(*work, GH_OK);
  }
  void disarm() noexcept { work_.reset(); }

 private:
  std::shared_ptr<Operations> operations_;
  std::shared_ptr<Work> work_;
};

std::int32_t GH_CALL run(const gh_host* host, std::uint64_t call_id, gh_done_fn function, void* user) noexcept {
  if (host == nullptr || function == nullptr) return GH_E_INVALID;
  Instance& instance = Instance::of(host);
  Operations& operations = instance.operations();
  std::shared_ptr<Work> work;
  std::shared_ptr<Errand> errand;
  try {
    work = std::make_shared<Work>(function, user);
    errand = std::make_shared<Errand>(operations.shared_from_this(), work);
  } catch (...) {
    if (errand != nullptr) errand->disarm();
    return GH_E_LIMIT;
  }
  if (const std::int32_t code = operations.open(call_id, work); code != GH_OK) {
    errand->disarm();
    return code;
  }
  operations.returning(*work);
  bool taken = false;
  try {
    taken = instance.share().executor->run([errand] { errand->run(); });
  } catch (...) {
  }
  if (taken) return GH_OK;
  errand->disarm();
  operations.forget(*work);
  return GH_E_LIMIT;
}

}  // namespace

const gh_executor kExecutorService = {sizeof(gh_executor), 0, &run};

}  // namespace gatehouse::plugin
