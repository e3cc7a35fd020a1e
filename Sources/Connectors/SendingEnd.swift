import Synchronization

/// Says to a message on its way when it is broken off; never, until somebody wants it to end.
package final class SendingEnd: Sendable {
    private let instant = Mutex<ContinuousClock.Instant?>(nil)
    package init() {}

    /// - Parameter patience: What it may still take; asked for twice, the first holds.
    package func come(after patience: Duration) {
        let wanted = ContinuousClock.now + patience
        instant.withLock { $0 = $0 ?? wanted }
    }

    var isHere: Bool {
        guard let instant = instant.withLock({ $0 }) else { return false }
        return ContinuousClock.now >= instant
    }
}
