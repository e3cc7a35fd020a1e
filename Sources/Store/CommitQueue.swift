import Dispatch
import Domain
import Glibc
import Synchronization

/// The thread that commits, and the bodies that wait for it: those that wait at the same time are committed together, the oldest first.
///
/// As a task's executor it runs the task between groups.
final class CommitQueue: TaskExecutor, @unchecked Sendable {
    private struct State {
        var waiting: [WaitingBody] = []
        /// Whether a turn of the thread is to come: it takes along who arrives until then.
        var isAwaited = false
        /// Parts of tasks that wait to run on the thread.
        var jobs = 0
    }

    /// At most this many bodies share one commit, so that the first of them does not wait for a crowd.
    private static let groupLimit = 256
    /// After a smaller group the thread stays awake for so long: whoever was answered often asks again at once, and waking takes as long.
    private static let companyFrom = 4, wakefulMicroseconds = 50

    private let queue: DispatchQueue
    private let entitiesApart: Bool
    private let state = Mutex(State())

    /// - Parameter entitiesApart: A group holds bodies of one entity only.
    init(label: String, entitiesApart: Bool) { (queue, self.entitiesApart) = (DispatchQueue(label: label), entitiesApart) }

    /// - Parameter commit: Called on the queue's thread with each group that comes together.
    func enqueue(_ body: WaitingBody, _ commit: @escaping @Sendable ([WaitingBody]) -> Void) {
        let isFirst = state.withLock { state in
            state.waiting.append(body)
            defer { state.isAwaited = true }
            return !state.isAwaited
        }
        if isFirst { takeTurn(commit) }
    }

    /// Runs `work` between groups.
    func run(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs += 1 }
        queue.async {
            self.state.withLock { $0.jobs -= 1 }
            job.runSynchronously(on: self.asUnownedTaskExecutor())
        }
    }

    private func takeTurn(_ commit: @escaping @Sendable ([WaitingBody]) -> Void) {
        queue.async {
            let group = self.group()
            commit(group)
            if group.count < Self.companyFrom { self.stayAwake() }
            let isAwaited = self.state.withLock { state in
                state.isAwaited = !state.waiting.isEmpty
                return state.isAwaited
            }
            if isAwaited { self.takeTurn(commit) }
        }
    }

    private func group() -> [WaitingBody] {
        state.withLock { state in
            let oldest = state.waiting.prefix(Self.groupLimit), entity = oldest.first?.entity
            let group = Array(entitiesApart ? oldest.prefix { $0.entity == entity } : oldest)
            state.waiting.removeFirst(group.count)
            return group
        }
    }

    private func stayAwake() {
        let end = DispatchTime.now() + .microseconds(Self.wakefulMicroseconds)
        while state.withLock({ $0.waiting.isEmpty && $0.jobs == 0 }), DispatchTime.now() < end { sched_yield() }
    }
}
