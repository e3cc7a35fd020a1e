import Dispatch
import Domain
import Glibc
import Synchronization

/// The thread that commits, and the bodies that wait for it: those that wait at the same time are committed together, the oldest first.
final class CommitQueue: @unchecked Sendable {
    /// At most this many bodies share one commit, so that the first of them does not wait for a crowd.
    private static let groupLimit = 256
    /// A group of this many is followed by a moment's patience: rounds of so many microseconds, while more arrive.
    private static let companyFrom = 4, companyRounds = 5, companyMicroseconds: UInt32 = 50
    /// After a smaller one the thread stays awake for so long: whoever was answered often asks again at once, and waking takes as long.
    private static let wakefulMicroseconds = 50

    private let queue: DispatchQueue
    private let entitiesApart: Bool
    private let waiting = Mutex<[WaitingBody]>([])
    /// Bodies in the last commit; touched on the queue alone.
    private var lastGroup = 0

    /// - Parameter entitiesApart: A group holds bodies of one entity only.
    init(label: String, entitiesApart: Bool) { (queue, self.entitiesApart) = (DispatchQueue(label: label), entitiesApart) }

    /// - Parameter commit: Called on the queue's thread with each group that comes together.
    func enqueue(_ body: WaitingBody, _ commit: @escaping @Sendable ([WaitingBody]) -> Void) {
        waiting.withLock { $0.append(body) }
        queue.async {
            // An earlier turn may have taken the body along.
            guard self.waiting.withLock({ !$0.isEmpty }) else { return }
            self.awaitCompany()
            let group = self.group()
            self.lastGroup = group.count
            commit(group)
            self.stayAwake()
        }
    }

    /// Runs `work` between groups.
    func run(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }

    private func group() -> [WaitingBody] {
        waiting.withLock { queue in
            let oldest = queue.prefix(Self.groupLimit), entity = oldest.first?.entity
            let group = Array(entitiesApart ? oldest.prefix { $0.entity == entity } : oldest)
            queue.removeFirst(group.count)
            return group
        }
    }

    /// Those whom the last group answered are about to ask again: a moment's patience lets them share the next commit, instead of paying one
    /// for whoever is first.
    private func awaitCompany() {
        guard lastGroup >= Self.companyFrom else { return }
        var seen = -1, count = waiting.withLock(\.count)
        for _ in 0..<Self.companyRounds where count > seen && count < lastGroup {
            seen = count
            usleep(Self.companyMicroseconds)
            count = waiting.withLock(\.count)
        }
    }

    private func stayAwake() {
        guard lastGroup < Self.companyFrom else { return }
        let end = DispatchTime.now() + .microseconds(Self.wakefulMicroseconds)
        while waiting.withLock(\.isEmpty), DispatchTime.now() < end { sched_yield() }
    }
}
