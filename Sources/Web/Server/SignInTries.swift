import Domain
import Operations
import Synchronization

/// Wrong sign-ins by whom they come from: `SignIn.tries` shut one account for that sender, `senderTries` every account, each until
/// `SignIn.lockMinutes` after the last that counted. Nobody shuts an account for others, and mail addresses without one count alike.
final class SignInTries: Sendable {
    static let senderTries: Int64 = 50
    private static let window = Int64(SignIn.lockMinutes) * 60_000_000, limit = 10_000
    /// A mail address by its digest, so that none takes more room than another; nil counts all of a sender.
    private struct Key: Hashable {
        let sender: String, email: String?
        init(_ sender: Sender, _ email: String? = nil) {
            (self.sender, self.email) = (sender.address, email.map { Secret.digest($0.lowercased()) })
        }
    }
    private let wrong = Mutex<[Key: (count: Int64, until: Int64)]>([:])

    /// - Returns: The seconds until the sender may try again; nil when it may now.
    func wait(_ sender: Sender, at now: Instant) -> Int? {
        guard !sender.isShared else { return nil }
        let known = wrong.withLock { $0[Key(sender)] }
        guard let known, known.count >= Self.senderTries, known.until > now.microseconds else { return nil }
        return Int((known.until - now.microseconds) / 1_000_000) + 1
    }

    func isShut(_ email: String, for sender: Sender, at now: Instant) -> Bool {
        let known = wrong.withLock { $0[Key(sender, email)] }
        return known.map { $0.count >= SignIn.tries && $0.until > now.microseconds } ?? false
    }

    /// - Parameter email: nil where what was wrong is no account's, as a link.
    func add(_ email: String?, from sender: Sender, at now: Instant) {
        let isShut = email.map { self.isShut($0, for: sender, at: now) } ?? false
        wrong.withLock { wrong in
            if wrong.count >= Self.limit { wrong = wrong.filter { $0.value.until > now.microseconds } }
            if wrong.count >= Self.limit { wrong.removeAll() }
            for key in Set([Key(sender), Key(sender, email)]) {
                // What is shut already is not shut for longer.
                if isShut, key.email != nil { continue }
                let known = wrong[key].flatMap { $0.until > now.microseconds ? $0.count : nil } ?? 0
                wrong[key] = (known + 1, now.microseconds + Self.window)
            }
        }
    }

    func forget(_ email: String, from sender: Sender) {
        wrong.withLock { $0[Key(sender, email)] = nil }
    }
}
