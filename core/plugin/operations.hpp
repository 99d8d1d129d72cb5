#pragma once
#include <gatehouse/abi.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "plugin/call_table.hpp"
#include "plugin/share.hpp"
#include "plugin/workers.hpp"

namespace gatehouse::plugin {

class Operations;

/// Something that a plugin asked of a service and that calls back later. The service derives from it and holds in it
/// what it needs; the plugin's function is called by call_back() and by nobody else.
class Operation {
 public:
  virtual ~Operation() = default;
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  std::uint64_t call_id() const noexcept { return call_id_; }  // 0: asked for no call
  /// Whose loop the work may use: the call's worker; 0 without a call.
  std::uint32_t worker() const noexcept { return worker_; }
  /// Names it among the operations of its instance.
  std::uint64_t ticket() const noexcept { return ticket_; }

 protected:
  Operation() = default;

 private:
  friend class Operations;
  /// Calls the plugin's function, with what finish() was told or GH_E_GONE. Once, on the thread that abi.h promises
  /// (`worker`: as abi.h has it), holding no lock. May throw what the plugin throws.
  virtual void call_back(std::int32_t status, std::uint32_t worker) = 0;
  /// [loop] of worker(): it has ended with GH_E_GONE; whatever was begun for it is to be stopped and let go, and need
  /// not say finish() any more. Before call_back(); not called when finish() came first, nor once that loop is closed.
  virtual void stop() noexcept {}
  /// Whether a plugin may end it by its ticket.
  virtual bool cancellable() const noexcept { return false; }
  /// True: run by Operations::run() on a thread of the service's choosing, and by nothing else.
  virtual bool brings_thread() const noexcept { return false; }

  std::shared_ptr<Operations> home_;
  std::uint64_t call_id_ = 0;
  std::uint64_t ticket_ = 0;
  std::uint32_t worker_ = 0;
  std::atomic<std::uint64_t> state_{0};  // status << 32 | kEnded | phase
  Operation* previous_ = nullptr;        // among the operations of its call
  Operation* next_ = nullptr;
  bool linked_ = false;
  std::shared_ptr<Operation> self_;  // while stranded
};

/// The operations of one instance: sees to it that each calls back exactly once, on the right thread, and ends with the
/// call or the instance that it was asked for (the contract of "services that call back" in abi.h).
///
/// A service function does: open(); begin the work, which says finish() when it is done; as its last act returning().
/// Open operations hold their shared_ptr here until they have called back. They may outlive the instance as objects
/// (a late finish() is not heard), and hold this.
class Operations : public std::enable_shared_from_this<Operations> {
 public:
  static constexpr std::size_t kMost = 16'384;

  /// What runs the plugin's code.
  class Caller {
   public:
    /// Calls op.call_back() with all that surrounds the plugin's code: what it throws is contained, a call that it
    /// answers goes on afterwards. `worker` is GH_WORKER_NONE on threads that may block.
    virtual void run(Operation& op, std::int32_t status, std::uint32_t worker) noexcept = 0;
    /// The call's slot, for an id of this instance; else null.
    virtual Call* find(std::uint64_t call_id) noexcept = 0;

   protected:
    ~Caller() = default;
    static void call_back(Operation& op, std::int32_t status, std::uint32_t worker) { op.call_back(status, worker); }
  };

  /// `caller` lives until drain() has said true.
  Operations(Caller& caller, bool on_loops, std::shared_ptr<Share> share, std::shared_ptr<const Workers> workers,
             std::uint64_t first_ticket);

  /// [any] Takes it in, for a call or (0) for the instance. From here on it may end, but calls nothing back before
  /// returning(). GH_E_NOTFOUND: no such call; GH_E_GONE: nobody waits for that call or instance any more;
  /// GH_E_LIMIT: too many; GH_E_STATE: no event loop is there.
  std::int32_t open(std::uint64_t call_id, const std::shared_ptr<Operation>& op);
  /// [any] Nothing came of it: the service function returns an error instead of returning(), and nothing is called.
  void forget(Operation& op) noexcept;
  /// [any] The last thing that a service function does before it returns GH_OK.
  void returning(Operation& op) noexcept;

  /// [any] It is done: calls back with `status`. False when it has ended before; then nothing happens.
  bool finish(Operation& op, std::int32_t status) noexcept;
  /// [any] Ends one that may be cancelled. False when there is none, or its callback is on its way.
  bool cancel(std::uint64_t ticket) noexcept;
  /// [any] The call is over: its operations end. Whoever takes the call out of CallState::Open says so, if the call's
  /// word has kOperations.
  void end(std::uint64_t call_id) noexcept;

  /// [any] For those that bring their thread: calls back here and now, with `status` or GH_E_GONE.
  void run(Operation& op, std::int32_t status) noexcept;
  /// [any] The same when their thread will not come any more: they wait for drain().
  void strand(std::shared_ptr<Operation> op) noexcept;

  /// [any] The instance ends, and so do all operations; no new ones are taken.
  void close() noexcept;
  /// [setup] After close(): waits until the last callback has returned. Those whose loop or executor is gone run here.
  bool drain(std::chrono::milliseconds limit) noexcept;

 private:
  enum class Phase : std::uint8_t { Starting, Running, Early, Decided, Forgotten };
  class Delivery;
  struct Lane {
    std::mutex mutex;
    std::unordered_map<std::uint64_t, std::shared_ptr<Operation>> open;  // by ticket
    std::unordered_map<std::uint64_t, Operation*> calls;                 // the first of each call
  };

  static constexpr std::uint64_t kEnded = 0x100;
  static Phase phase(std::uint64_t state) noexcept { return static_cast<Phase>(state & 0xff); }
  static std::int32_t status(std::uint64_t state) noexcept {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(state >> 32));
  }
  static bool ended(std::uint64_t state) noexcept { return (state & kEnded) != 0; }

  bool decide(Operation& op, std::int32_t status, bool ended) noexcept;
  std::shared_ptr<Operation> take(Operation& op) noexcept;
  void unlink(Lane& lane, Operation& op) noexcept;
  void dispatch(std::shared_ptr<Operation> op) noexcept;
  void to_loop(std::shared_ptr<Operation> op) noexcept;
  void to_share(std::shared_ptr<Operation> op) noexcept;
  void on_loop(std::shared_ptr<Operation> op) noexcept;
  void call(const std::shared_ptr<Operation>& op, std::uint32_t worker) noexcept;
  void over() noexcept;

  Caller& caller_;
  const bool on_loops_;
  const std::shared_ptr<Share> share_;
  const std::shared_ptr<const Workers> workers_;
  std::vector<std::unique_ptr<Lane>> lanes_;  // by worker
  std::atomic<std::uint64_t> next_ticket_;
  std::atomic<std::size_t> pending_{0};  // from open() to the callback's return
  std::atomic<bool> closed_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  Operation* stranded_ = nullptr;  // a list of those that are decided and have no thread to go to
};

}  // namespace gatehouse::plugin
